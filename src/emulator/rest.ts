/** One REST call from parsed parameters to an answer: method, token, scope, licence, limits, then the method itself, in that order. */
import { callerOfToken, callerOfWebhook, scopeError } from './authorize.ts';
import { runBatch } from './batch.ts';
import type { BatchHooks, BatchMaps } from './batch.ts';
import type { Fault } from './faults.ts';
import { allows } from './methods/general.ts';
import { authNames, inputOf } from './methods/method.ts';
import type { Caller, Input, MethodAnswer } from './methods/method.ts';
import { findMethod } from './methods/table.ts';
import { encodeJson } from './php-json.ts';
import type { PhpArray } from './php-values.ts';
import { stringOf } from './php-values.ts';
import type { LoggedCommand } from './request-log.ts';
import { PhpFatal, RestError, systemError } from './rest-error.ts';
import { checkLinkScope, refuseLink } from './signed-link.ts';
import { hasFeature } from './state.ts';
import type { PortalState, World } from './state.ts';
import { timeBlock } from './time-block.ts';

export interface RestCall {
  /** In lower case, without extension. */
  readonly method: string;
  readonly params: PhpArray;
  readonly bearer: string | undefined;
  /** User and secret of a webhook address. */
  readonly webhook: { readonly userId: number; readonly secret: string } | undefined;
  /** The caller's address, whose bucket is charged. */
  readonly source: string;
  readonly raw: string;
}

export interface RestAnswer {
  readonly status: number;
  readonly text: string;
  readonly acted: boolean;
  readonly commands: readonly LoggedCommand[] | undefined;
}

interface Progress {
  acted: boolean;
  commands: readonly LoggedCommand[] | undefined;
}

export function answerRest(world: World, portal: PortalState, call: RestCall, fault: Fault | undefined): RestAnswer {
  const progress: Progress = { acted: false, commands: undefined };
  try {
    const body = run(world, portal, call, fault, progress);
    return { status: 200, text: encodeJson(body), ...progress };
  } catch (error) {
    if (error instanceof RestError) return { status: error.status, text: encodeJson(error.body()), ...progress };
    if (!(error instanceof PhpFatal)) throw error;
    return { status: 500, text: encodeJson(systemError('INTERNAL_SERVER_ERROR').body()), ...progress };
  }
}

function run(world: World, portal: PortalState, call: RestCall, fault: Fault | undefined, progress: Progress): unknown {
  const startMs = world.now();
  if (portal.isDeleted) throw systemError('PORTAL_DELETED');
  const { params } = call;
  const isBatch = call.method === 'batch';
  const method = isBatch ? undefined : findMethod(call.method);
  if (!isBatch && method === undefined) throw systemError('ERROR_METHOD_NOT_FOUND');
  checkLinkScope(params, method?.scopes ?? []);
  const connector = fault?.kind === 'connector-blind' ? '' : (stringOf(params.get('auth_connector')) ?? '');
  const caller = authorize(world, portal, call, connector);
  if (method !== undefined && !allows(method, caller.scope)) throw scopeError(portal);
  if (connector !== '' && !hasFeature(portal, 'rest_auth_connector')) throw systemError('WRONG_LICENSE');
  if (!portal.limiter.admits(call.source, portal.switches.leakyBucket)) throw systemError('QUERY_LIMIT_EXCEEDED');
  const taken = authNames.filter((name) => params.has(name));
  const input = inputOf(params, taken, call.raw);
  if (isBatch) {
    refuseLink(params);
    const batch = answerBatch(caller, input, taken, fault, progress);
    return { result: dropKeys(batch, fault), time: timeBlock(world, portal, 'batch', startMs) };
  }
  const answer = execute(caller, call.method, input, progress);
  return { ...answer, time: timeBlock(world, portal, call.method, startMs) };
}

function authorize(world: World, portal: PortalState, call: RestCall, connector: string): Caller {
  if (call.webhook !== undefined) return callerOfWebhook(world, portal, call.webhook, connector);
  const named = ['auth', 'access_token'].map((name) => stringOf(call.params.get(name)) ?? '');
  return callerOfToken(world, portal, call.bearer ?? named.find((token) => token !== '') ?? '', connector);
}

function execute(caller: Caller, name: string, input: Input, progress: Progress): MethodAnswer {
  const { world, portal } = caller;
  const method = findMethod(name);
  if (method === undefined) throw systemError('ERROR_METHOD_NOT_FOUND');
  checkLinkScope(input.asSent, method.scopes);
  if (!allows(method, caller.scope)) throw scopeError(portal);
  refuseLink(input.asSent);
  checkOperating(portal, name);
  const fault = world.faults.isEmpty
    ? undefined
    : world.faults.strikeCommand({ portal: portal.memberId, method: name, raw: input.raw });
  // The command runs inside one uninterrupted request, so it cannot wait for what the hook starts.
  void fault?.onHit?.();
  if (fault !== undefined && fault.when !== 'after') throw commandError(fault);
  progress.acted = true;
  const answer = method.run(caller, input);
  portal.limiter.bill(name, portal.switches.operatingSecondsPerCall[name] ?? 0);
  if (fault !== undefined) throw commandError(fault);
  return answer;
}

function checkOperating(portal: PortalState, method: string): void {
  if (portal.limiter.operating(method).seconds >= portal.switches.operatingLimitSeconds) {
    throw systemError('OPERATION_TIME_LIMIT');
  }
}

function commandError(fault: Fault): RestError {
  if (fault.kind === 'lock') return systemError('ERROR_CORE', fault.description);
  const error = systemError(fault.error ?? 'INTERNAL_SERVER_ERROR', fault.description);
  return fault.status === undefined ? error : new RestError(fault.status, error.code, error.description);
}

function answerBatch(
  caller: Caller,
  input: Input,
  outer: readonly string[],
  fault: Fault | undefined,
  progress: Progress,
): BatchMaps {
  const { world, portal } = caller;
  const isBilledWhole = portal.switches.batchBilling === 'batch';
  if (isBilledWhole) checkOperating(portal, 'batch');
  let seconds = 0;
  const hooks: BatchHooks = {
    execute: (name, inner) => {
      const startMs = world.now();
      const answer = execute(caller, name, inner, progress);
      seconds += portal.switches.operatingSecondsPerCall[name] ?? 0;
      return { answer, time: timeBlock(world, portal, isBilledWhole ? 'batch' : name, startMs) };
    },
    mayRun: (position) => fault?.kind !== 'partial' || position < (fault.commands ?? 0),
    skips: (key) => fault?.kind === 'drop-keys' && fault.when !== 'after' && (fault.keys?.includes(key) ?? true),
  };
  const { result, commands } = runBatch(input, outer, hooks);
  if (isBilledWhole) portal.limiter.bill('batch', seconds);
  progress.commands = commands;
  return result;
}

function dropKeys(maps: BatchMaps, fault: Fault | undefined): BatchMaps {
  if (fault?.kind !== 'drop-keys') return maps;
  const { result, result_error, result_total, result_next, result_time } = maps;
  for (const map of [result, result_error, result_total, result_next, result_time])
    for (const key of fault.keys ?? [...map.keys()]) map.delete(key);
  return maps;
}
