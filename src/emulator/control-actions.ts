/** The actions of the control interface: names as in the handles, in kebab-case, arguments as one JSON object. */
import { ControlError } from './control-error.ts';
import { faultKinds, isFaultKind } from './faults.ts';
import type { Fault } from './faults.ts';
import type { FrameOptions } from './frame.ts';
import type { PortalHandle } from './handle.ts';
import type { InstallOptions, UpdateOptions } from './lifecycle.ts';
import type { PortalOptions, SeedRow, Switches, UserOptions } from './options.ts';
import type { Emulator } from './start.ts';

/** The JSON body: the fields of the handle's arguments, side by side, and `portal`, a `member_id` (default the first). */
export type ActionBody = Readonly<Record<string, unknown>>;

interface Call {
  readonly emulator: Emulator;
  readonly portal: PortalHandle;
  readonly body: ActionBody;
}

/** Gives the `result` of the answer; nothing means true. */
type Action = (call: Call) => unknown;

function text(body: ActionBody, name: string): string {
  const value = body[name];
  if (typeof value !== 'string') throw new ControlError(`'${name}' must be a string`);
  return value;
}

function integer(body: ActionBody, name: string): number {
  const value = body[name];
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new ControlError(`'${name}' must be an integer`);
  return value;
}

function flag(body: ActionBody, name: string): boolean {
  const value = body[name];
  if (typeof value !== 'boolean') throw new ControlError(`'${name}' must be true or false`);
  return value;
}

function texts(body: ActionBody, name: string): string[] {
  const value = body[name];
  if (!Array.isArray(value)) throw new ControlError(`'${name}' must be a list of strings`);
  return value.map(String);
}

/** The body without what chose the portal. Its fields are as unchecked as any JSON that is cast where it is parsed. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller says what the action takes
function fields<T extends object>(body: ActionBody): T {
  const { portal, ...rest } = body;
  return (portal === undefined ? body : rest) as T;
}

function addFault({ emulator, body }: Call): void {
  const kind = text(body, 'kind');
  if (!isFaultKind(kind)) throw new ControlError(`'kind' must be one of ${faultKinds.join(', ')}`);
  const { times, ...rest } = fields<Omit<Fault, 'kind' | 'times'> & { readonly times?: number | null }>(body);
  emulator.fault({
    ...rest,
    kind,
    ...(body['portal'] === undefined ? {} : { portal: text(body, 'portal') }),
    // JSON has no Infinity and writes null for it.
    ...(times === undefined ? {} : { times: times ?? Number.POSITIVE_INFINITY }),
  });
}

export const actions: Readonly<Record<string, Action>> = {
  reset: ({ emulator }) => emulator.reset(),
  fault: addFault,
  'clear-faults': ({ emulator }) => emulator.clearFaults(),
  'clear-requests': ({ emulator }) => emulator.clearRequests(),
  'rotate-secret': ({ emulator }) => {
    emulator.rotateSecret();
    return { clientSecret: emulator.clientSecret };
  },
  'add-portal': ({ emulator, body }) => credentials(emulator.addPortal(fields<PortalOptions>(body))),
  'add-row': ({ portal, body }) => portal.addRow({ ...fields<SeedRow>(body), event: text(body, 'event') }),
  'remove-row': ({ portal, body }) => portal.removeRow(integer(body, 'id')),
  'set-option': ({ portal, body }) => portal.setOption(text(body, 'name'), body['value'] ?? null),
  'clear-options': ({ portal }) => portal.clearOptions(),
  'set-user': ({ portal, body }) => portal.setUser({ ...fields<UserOptions>(body), id: integer(body, 'id') }),
  'set-scope': ({ portal, body }) => portal.setScope(texts(body, 'scope')),
  'set-feature': ({ portal, body }) => portal.setFeature(text(body, 'code'), text(body, 'value')),
  'set-switches': ({ portal, body }) =>
    portal.setSwitches(fields<{ switches?: Partial<Switches> }>(body).switches ?? fields(body)),
  'expire-tokens': ({ portal }) => portal.expireTokens(),
  'kill-refresh-chain': ({ portal }) => portal.killRefreshChain(),
  'set-payment-expired': ({ portal, body }) => portal.setPaymentExpired(flag(body, 'on')),
  'set-installed': ({ portal, body }) => portal.setInstalled(flag(body, 'on')),
  install: ({ portal, body }) => portal.install(fields<InstallOptions>(body)),
  'finish-install': ({ portal }) => portal.finishInstall(),
  update: ({ portal, body }) => portal.update(fields<UpdateOptions>(body)),
  uninstall: ({ portal, body }) => portal.uninstall(fields<{ clean?: boolean }>(body)),
  reinstall: ({ portal }) => portal.reinstall(),
  rename: async ({ portal }) => {
    await portal.rename();
    return { clientEndpoint: portal.clientEndpoint };
  },
  'open-frame': ({ portal, body }) => portal.openFrame(fields<FrameOptions>(body)),
  'oauth-code': ({ portal, body }) => ({
    code: portal.oauthCode(body['userId'] === undefined ? undefined : integer(body, 'userId')),
  }),
  token: ({ portal, body }) =>
    portal.token(integer(body, 'userId'), fields<{ scope?: readonly string[]; expired?: boolean }>(body)),
  fire: ({ portal, body }) =>
    portal.fire(text(body, 'event'), fields<{ data?: Record<string, unknown> }>(body).data ?? {}, fields(body)),
};

function credentials(portal: PortalHandle): Record<string, string> {
  return {
    memberId: portal.memberId,
    clientEndpoint: portal.clientEndpoint,
    accessToken: portal.accessToken,
    refreshToken: portal.refreshToken,
    applicationToken: portal.applicationToken,
  };
}
