/** `bitrix-events doctor`: looks at everything that has to be right for events to arrive, and says how to mend what is not. */
import { type Binding, handlerOf } from '../../core/binding.ts';
import { displayUrl } from '../../core/display.ts';
import { BitrixEventsError } from '../../core/errors.ts';
import type { DesiredBinding, Manifest } from '../../core/manifest.ts';
import type { Reading } from '../../core/reading.ts';
import type { OpenPortal } from '../../connect.ts';
import { type Probe, probeHandler } from '../../portal/probe-handler.ts';
import type { InspectableStore } from '../../records/inspectable-store.ts';
import type { StoreWarning } from '../../store/openness.ts';
import { parseStoreUrl } from '../../store/store-url.ts';
import { inParallel } from '../../records/in-parallel.ts';
import { applicationIn, credentialsIn, namesPortal, proxyIn } from '../../variables.ts';
import type { Context } from '../context.ts';
import { type Check, counted, verdictOf } from '../doctor/check.ts';
import { handlerChecks, queueCheck } from '../doctor/handler-checks.ts';
import { applicationCheck, credentialsCheck, manifestCheck, readStore, storeChecks } from '../doctor/local-checks.ts';
import { portalChecks, portalCodes, queuesOf } from '../doctor/portal-checks.ts';
import { inspectForCommand } from '../load.ts';
import type { Outcome } from '../result.ts';
import { openPortal, projectOf, storeUrl, withStore } from '../surroundings.ts';

export interface DoctorOptions {
  readonly send?: boolean;
}

export async function doctor(context: Context, { send = false }: DoctorOptions): Promise<Outcome> {
  const { check, manifest } = await manifestCheck(() => inspectForCommand(context, { allowMissingEnv: true }));
  const local = [check, ...(await machineChecks(context))];
  const { checks, reading } = await examinePortal(context, manifest, send);
  const handlers = await examineHandlers(context, manifest, reading);
  const all = [...local, ...checks, ...handlers];
  const verdict = verdictOf(all);
  return { result: { kind: 'diagnosis', verdict, checks: all }, ending: verdict === 'failed' ? 'failed' : 'done' };
}

async function machineChecks(context: Context): Promise<readonly Check[]> {
  const { variables } = await projectOf(context);
  const warnings: StoreWarning[] = [];
  const url = parseStoreUrl(await storeUrl(context));
  const examine = async (store: InspectableStore): Promise<readonly Check[]> => {
    const facts = await readStore(store, url);
    return [
      credentialsCheck(namesPortal(variables), facts.records.length),
      applicationCheck(applicationIn(variables)),
      ...storeChecks(facts, warnings, { kind: url.kind, hasKey: store.hasKey }),
    ];
  };
  return withStore(context, examine, (warning) => void warnings.push(warning));
}

interface Examined {
  readonly checks: readonly Check[];
  readonly reading: Reading | undefined;
}

/** What cannot be asked is skipped; why, the check of the token says. */
async function examinePortal(context: Context, manifest: Manifest | undefined, send: boolean): Promise<Examined> {
  try {
    const portal = await openPortal(context);
    try {
      return await questionPortal(context, portal, manifest, send);
    } finally {
      await portal.close();
    }
  } catch (error) {
    const [token, ...others] = portalCodes;
    const unasked = [...others, 'doctor-test-event'] as const;
    return {
      checks: [
        failed(token, error),
        ...unasked.map((code) => ({ code, status: 'skipped' as const, message: 'the portal could not be asked' })),
      ],
      reading: undefined,
    };
  }
}

async function questionPortal(
  context: Context,
  portal: OpenPortal,
  manifest: Manifest | undefined,
  send: boolean,
): Promise<Examined> {
  const reading = await portal.port.read();
  const diagnosis = await portal.diagnosis();
  const examination = await diagnosis.examine();
  const { clientEndpoint = '' } = credentialsIn((await projectOf(context)).variables);
  const givenEndpoint = clientEndpoint === '' ? undefined : clientEndpoint;
  const checks: Check[] = [...portalChecks({ reading, examination, manifest, givenEndpoint })];
  const portalNowMs = Date.now() + (examination.clockSkewMs ?? 0);
  for (const connector of reading.portal.isAdmin ? queuesOf(manifest, reading) : []) {
    if (connector !== '' && reading.allowsConnectors === false) continue;
    checks.push(
      await diagnosis.queue(connector).then(
        (facts) => queueCheck(connector, facts, portalNowMs),
        (error: unknown) => failed('doctor-queue', error),
      ),
    );
  }
  checks.push(send ? await sendTest(diagnosis.fireTest(), reading) : unsent);
  return { checks, reading };
}

const unsent: Check = {
  code: 'doctor-test-event',
  status: 'skipped',
  message: 'no test event was sent',
  hint: 'doctor --send fires one; the handlers of ONAPPTEST get it',
};

async function sendTest(sent: Promise<void>, { live }: Reading): Promise<Check> {
  const code = 'doctor-test-event';
  try {
    await sent;
  } catch (error) {
    return failed(code, error);
  }
  const handlers = live.filter(({ event }) => event === 'ONAPPTEST').flatMap((row) => handlerOf(row) ?? []);
  if (handlers.length > 0) {
    return {
      code,
      status: 'ok',
      message: `a test event was fired, and goes to ${handlers.map(displayUrl).join(' and ')}`,
    };
  }
  const hint = 'Bind a handler to OnAppTest, and send it again';
  return { code, status: 'warning', message: 'a test event was fired, and no handler of ONAPPTEST gets it', hint };
}

/** @throws what is no failure that is expected */
function failed(code: Check['code'], error: unknown): Check {
  if (!(error instanceof BitrixEventsError)) throw error;
  return { code, status: 'failed', message: error.message, hint: error.hint };
}

const mostProbed = 50;
const atOnce = 8;

/** Of the manifest and of the portal, each address once: what differs in the query alone is the same server and path. */
async function examineHandlers(
  context: Context,
  manifest: Manifest | undefined,
  reading: Reading | undefined,
): Promise<readonly Check[]> {
  const { variables } = await projectOf(context);
  const bindings = [...(manifest?.bindings ?? []), ...(reading?.live ?? [])];
  const handlers = bindings.flatMap((binding) => postedTo(binding) ?? []).filter(isWebAddress);
  const urls = [...new Map(handlers.map((url) => [displayUrl(url), url])).values()];
  const probes = new Map<string, Probe>();
  await inParallel(atOnce, urls.slice(0, mostProbed), async (url) => {
    probes.set(url, await probeHandler(url, { proxy: proxyIn(variables), signal: context.deadline?.signal }));
  });
  const inOrder = new Map(
    urls.flatMap((url) => {
      const probe = probes.get(url);
      return probe === undefined ? [] : [[url, probe] as const];
    }),
  );
  const left = urls.length - inOrder.size;
  const message = `${counted(left, 'more handler')} ${left === 1 ? 'was' : 'were'} not looked at`;
  return [
    ...handlerChecks(inOrder, Date.now()),
    ...(left === 0 ? [] : [{ code: 'doctor-handler', status: 'skipped', message } as const]),
  ];
}

function postedTo(binding: Binding | DesiredBinding): string | undefined {
  switch (binding.eventType) {
    case 'online':
      return binding.handler;
    case 'offline':
      return undefined;
  }
}

function isWebAddress(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}
