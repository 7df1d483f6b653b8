/** One case: an apply with a fault, then a clean second run that has to converge and a third that has nothing to do. */
import { keyOf } from '../../src/core/binding.ts';
import { parseLedger } from '../../src/core/ledger.ts';
import type { Manifest } from '../../src/core/manifest.ts';
import type { Plan } from '../../src/core/plan.ts';
import type { Fault, LoggedRequest, PortalHandle } from '../../src/emulator/index.ts';
import { type Field, runApply, type RunOptions, type Told } from './field.ts';
import { bindingOf, lies } from './truth.ts';

/** What goes wrong, as the emulator understands it. */
export interface Trouble {
  readonly name: string;
  readonly faults: readonly Fault[];
  readonly hastyAt?: RunOptions['hastyAt'];
  /** Random faults may find nothing to strike. */
  readonly mayMiss?: boolean;
  /** For faults that are more than an answer: called when one strikes. */
  readonly onHit?: (fault: Fault, portal: PortalHandle, interrupt: () => void) => void | Promise<void>;
}

/** How an undisturbed run goes and ends. */
export interface Ideal {
  readonly plan: Plan;
  readonly requests: readonly LoggedRequest[];
  readonly state: State;
}

/** Everything a portal holds that an apply may change, hidden columns included, in lines. */
export interface State {
  readonly rows: readonly string[];
  readonly ledger: readonly string[];
  readonly options: readonly string[];
}

export function stateOf(portal: PortalHandle): State {
  const { 'bitrix_events.default': own, ...options } = portal.options;
  const parsed = parseLedger(typeof own === 'string' ? own : undefined);
  const entries = parsed.kind === 'ledger' ? [...parsed.entries] : [['', parsed.kind]];
  return {
    rows: portal.rows.map((row) => `${keyOf(bindingOf(row))} ${row.connector} ${JSON.stringify(row.options)}`).sort(),
    ledger: entries.map((entry) => entry.join(' ')).sort(),
    options: Object.entries(options).map((entry) => entry.join(' ')),
  };
}

export async function runIdeal(field: Field, portal: PortalHandle, manifest: Manifest): Promise<Ideal> {
  field.emulator.clearRequests();
  const { accessToken, refreshToken } = portal;
  const { plan, exit } = await runApply(field, portal, manifest, { pair: { accessToken, refreshToken } });
  if (plan === undefined || (exit !== 0 && plan.blocked.length === 0)) throw new Error('the undisturbed run failed');
  const { requests } = field.emulator;
  return { plan, requests, state: stateOf(portal) };
}

/** @returns what went wrong that must not, one sentence each */
export async function tryIt(
  field: Field,
  portal: PortalHandle,
  manifest: Manifest,
  ideal: Ideal,
  trouble: Trouble,
): Promise<readonly string[]> {
  const { emulator } = field;
  const pair = { accessToken: portal.accessToken, refreshToken: portal.refreshToken };
  const before = portal.rows;
  const from = portal.history.length;
  const stop = new AbortController();
  emulator.clearRequests();
  const handles = trouble.faults.map((fault) =>
    emulator.fault({ ...fault, onHit: () => trouble.onHit?.(fault, portal, () => stop.abort()) }),
  );
  const told = await runApply(field, portal, manifest, { pair, signal: stop.signal, hastyAt: trouble.hastyAt });
  const hits = handles.reduce((sum, handle) => sum + handle.hits, 0);
  const isChainLost = emulator.requests.some(
    ({ method, acted, body }) =>
      method === 'oauth/token' && acted && !JSON.stringify(body ?? '').includes('"refresh_token"'),
  );
  emulator.clearFaults();
  const found = [...lies({ plan: ideal.plan, before, history: portal.history.slice(from), told })];
  if (hits === 0 && trouble.mayMiss !== true) found.push('the fault did not strike');

  const isPlain = ['authorisation-lost', 'authorisation-refused', 'refresh-unknown'].includes(told.error?.code ?? '');
  if (isChainLost && told.hasThrown && !isPlain) found.push(`losing the chain is called ${told.error?.code}`);

  // From the store alone: this is also the proof that no token was lost.
  if (isChainLost) {
    const { error } = await runApply(field, portal, manifest);
    if (error?.code !== 'authorisation-lost' || error.hint === undefined) found.push(`a lost chain is ${error?.code}`);
  }
  const login = isChainLost ? { pair: portal.token(ideal.plan.portal.userId) } : {};
  // What is blocked stays so, however often it is tried.
  const isBlocked = ideal.plan.blocked.length > 0;
  const middle = { rows: portal.rows, changes: portal.history.length };
  const second = await runApply(field, portal, manifest, login);
  if (second.exit !== 0 && !isBlocked) {
    found.push(`the second run exits with ${second.exit}: ${second.error?.message ?? second.report?.verdict}`);
  }
  if (second.plan !== undefined) {
    const history = portal.history.slice(middle.changes);
    const evidence = { plan: second.plan, before: middle.rows, history, told: second };
    found.push(...lies(evidence).map((lie) => `second run: ${lie}`));
  }
  emulator.clearRequests();
  const third = await runApply(field, portal, manifest, login);
  if (third.report?.verdict !== (isBlocked ? 'failed' : 'unchanged')) {
    found.push(`the third run is ${third.report?.verdict ?? third.error?.code}`);
  }
  if (third.plan?.changes.length !== 0) found.push(`the third run plans ${third.plan?.changes.length} changes`);
  if (emulator.requests.length !== 1) found.push(`the third run made ${emulator.requests.length} requests`);
  found.push(...differences(ideal, stateOf(portal), told, third));
  const end = `${told.report?.verdict ?? told.error?.code}, exit ${told.exit}`;
  return found.map((what) => `${trouble.name}: ${what} [the first run: ${end}]`);
}

/**
 * What may differ after a run that said it had failed, or that the ledger is in doubt: options that nobody can vouch for are
 * recorded as such, and a row that was to be unbound may stay, reported as unmanaged.
 */
function* differences({ plan, state: wanted }: Ideal, got: State, told: Told, third: Told): Iterable<string> {
  const isHumble = told.exit !== 0 || told.report?.warnings.some(({ code }) => code.startsWith('ledger-')) === true;
  const leftover = isHumble ? unmanagedOf(plan, third) : new Set<string>();
  const excuses = {
    rows: (line: string) => [...leftover].some((key) => line.startsWith(`${key} `)),
    ledger: (line: string) => isHumble && line.endsWith(' unverified'),
    options: () => false,
  };
  for (const part of ['rows', 'ledger', 'options'] as const) {
    const extra = got[part].filter((line) => !wanted[part].includes(line) && !excuses[part](line));
    const present = new Set(part === 'ledger' ? got.ledger.map(hashOf) : got[part]);
    const missing = wanted[part].filter((line) => !present.has(part === 'ledger' ? hashOf(line) : line));
    if (missing.length + extra.length > 0) {
      yield `${part} end without ${JSON.stringify(missing)} and with ${JSON.stringify(extra)}`;
    }
  }
}

/** Keys of rows that should have been unbound, and that the last run reports as none of its business. */
export function unmanagedOf(ideal: Plan, { report }: Pick<Told, 'report'>): ReadonlySet<string> {
  const unmanaged = new Set(
    report?.kept.filter(({ verdict }) => verdict === 'unmanaged').map((kept) => keyOf(kept.binding)),
  );
  const unbinds = ideal.changes.filter(({ action }) => action === 'unbind');
  return new Set(unbinds.map(({ binding }) => keyOf(binding)).filter((key) => unmanaged.has(key)));
}

const hashOf = (line: string): string => line.split(' ')[0] ?? '';
