/** One request with its faults: strike, act, log, and what goes back over the wire. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Fault } from './faults.ts';
import { encodeJson } from './php-json.ts';
import { logEntry } from './request-log.ts';
import type { LoggedCommand, RequestFacts } from './request-log.ts';
import { systemError } from './rest-error.ts';
import type { Traffic, World } from './state.ts';

/** A request, and whom it is for. */
export interface Addressed extends Omit<RequestFacts, 'at' | 'alongside'> {
  readonly traffic: Traffic;
  /** How long every answer takes there. */
  readonly latencyMs?: number;
}

type Facts = Omit<RequestFacts, 'at'>;

/** What the server would answer when nothing goes wrong. */
export interface Acted {
  readonly status: number;
  readonly text: string;
  readonly acted: boolean;
  readonly location?: string | undefined;
  readonly contentType?: string | undefined;
  readonly commands?: readonly LoggedCommand[] | undefined;
}

export type Outcome =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly text: string;
      readonly type: string;
      readonly location?: string | undefined;
    }
  | { readonly kind: 'reset' }
  | { readonly kind: 'timeout' };

const jsonType = 'application/json; charset=utf-8';
const gatewayPage =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n';

/** Kinds that the method itself has to know of: it runs, differently. */
const innerKinds: ReadonlySet<string> = new Set(['drop-keys', 'partial', 'connector-blind', 'delay']);

export async function exchange(
  world: World,
  { traffic, latencyMs = 0, ...facts }: Addressed,
  raw: string,
  act: (fault: Fault | undefined) => Acted,
): Promise<Outcome> {
  const alongside = traffic.now;
  traffic.now += 1;
  try {
    if (latencyMs > 0) await wait(latencyMs, undefined, { ref: false });
    return await answer(world, { ...facts, alongside }, raw, act);
  } finally {
    traffic.now -= 1;
  }
}

async function answer(
  world: World,
  facts: Facts,
  raw: string,
  act: (fault: Fault | undefined) => Acted,
): Promise<Outcome> {
  const target = { portal: facts.portal, method: facts.method, raw };
  const fault = world.faults.isEmpty ? undefined : world.faults.strike(target);
  if (fault === undefined) return settle(world, facts, act(undefined), undefined);
  if (fault.delayMs !== undefined && (fault.kind !== 'delay' || fault.when !== 'after')) await wait(fault.delayMs);
  const isAfter = fault.when === 'after';
  if (!isAfter) await fault.onHit?.();
  const acted = isAfter || innerKinds.has(fault.kind) ? act(fault) : notActed;
  const outcome = settle(world, facts, acted, fault);
  if (isAfter) await fault.onHit?.();
  if (fault.kind === 'delay' && isAfter && fault.delayMs !== undefined) await wait(fault.delayMs);
  return outcome;
}

const notActed: Acted = { status: 200, text: '', acted: false };

/** Turns the answer into what the fault makes of it, and logs it before anything else can act. */
function settle(world: World, facts: Facts, acted: Acted, fault: Fault | undefined): Outcome {
  const outcome = fault === undefined ? plain(acted) : mangled(acted, fault);
  const index = world.nextRequestIndex;
  world.nextRequestIndex += 1;
  if (world.requestLog === 'off') return outcome;
  const settled = {
    status: outcome.kind === 'answer' ? outcome.status : outcome.kind,
    text: outcome.kind === 'answer' ? outcome.text : undefined,
    acted: acted.acted,
    commands: acted.commands,
    fault: fault?.kind,
  };
  world.requests.push(logEntry(index, { ...facts, at: world.now() }, settled, world.requestLog));
  return outcome;
}

function plain(acted: Acted): Outcome {
  const { status, text, location } = acted;
  return { kind: 'answer', status, text, location, type: acted.contentType ?? jsonType };
}

function mangled(acted: Acted, fault: Fault): Outcome {
  switch (fault.kind) {
    case 'reset':
    case 'partial':
      return { kind: 'reset' };
    case 'timeout':
      return { kind: 'timeout' };
    case 'html':
      return { kind: 'answer', status: fault.status ?? 502, text: gatewayPage, type: 'text/html' };
    case 'empty':
      return { kind: 'answer', status: fault.status ?? 200, text: '', type: jsonType };
    case 'truncated': {
      const whole = acted.text === '' ? '{"result":{"result":[],"result_error":[]}}' : acted.text;
      const text = whole.slice(0, Math.ceil(whole.length / 2));
      return { kind: 'answer', status: fault.status ?? 200, text, type: jsonType };
    }
    case 'redirect':
      return { kind: 'answer', status: 302, text: '', location: fault.location ?? '/', type: 'text/html' };
    case 'error':
      return errorAnswer(fault);
    case 'drop-keys':
    case 'delay':
    case 'connector-blind':
    case 'command-error':
    case 'lock':
      break;
  }
  return plain(acted);
}

function errorAnswer(fault: Fault): Outcome {
  const error = systemError(fault.error ?? 'INTERNAL_SERVER_ERROR', fault.description);
  const time = fault.operatingResetAt === undefined ? {} : { time: { operating_reset_at: fault.operatingResetAt } };
  const text = encodeJson({ ...error.body(), ...time });
  return { kind: 'answer', status: fault.status ?? error.status, text, type: jsonType };
}
