/** Many emulated portals in the file store of one project, for the command line. */
import { join } from 'node:path';
import type { Emulator, PortalHandle } from '../../src/emulator/index.ts';
import type { InspectableStore } from '../../src/records/inspectable-store.ts';
import { openFileStore } from '../../src/store/file-store.ts';
import { aCli, anEmulator, type Cli, manifestText } from './cli.ts';

export interface Many {
  readonly cli: Cli;
  readonly emulator: Emulator;
  readonly portals: readonly PortalHandle[];
  /** Member ids of portals that were asked to change anything, each once. */
  readonly written: () => readonly string[];
  /** What a command finds in its environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Member ids `m01`, `m02` and so on, the portal of `startEmulator` not among them. */
export async function manyPortals(
  size: number,
  manifest = manifestText(['OnTaskAdd']),
  openStore = (directory: string): InspectableStore =>
    openFileStore(join(directory, '.bitrix-events'), { command: 'test' }),
  more: Readonly<Record<string, string>> = {},
): Promise<Many> {
  const emulator = await anEmulator();
  const portals = Array.from({ length: size }, (_, index) =>
    emulator.addPortal({ memberId: `m${String(index + 1).padStart(2, '0')}` }),
  );
  const { clientId, clientSecret, oauthUrl } = emulator;
  const env = {
    BITRIX24_CLIENT_ID: clientId,
    BITRIX24_CLIENT_SECRET: clientSecret,
    BITRIX24_OAUTH_URL: oauthUrl,
    ...more,
  };
  const cli = await aCli(env);
  await cli.write('bitrix-events.yaml', manifest);
  await fill(openStore(cli.directory), emulator, portals);
  const written = (): readonly string[] => {
    const writes = emulator.requests.filter(({ commands = [] }) =>
      commands.some(({ method }) => /^event\.(un)?bind$|option\.set$/.test(method)),
    );
    return [...new Set(writes.map(({ portal }) => portal))].sort();
  };
  return { cli, emulator, portals, written, env };
}

/** Writes portals down as a login or the installer hook leaves them, and closes the store. */
export async function fill(
  store: InspectableStore,
  { clientId }: Emulator,
  portals: readonly PortalHandle[],
): Promise<void> {
  for (const portal of portals) {
    portal.setSwitches({ leakyBucket: false });
    const { memberId, clientEndpoint, accessToken, refreshToken } = portal;
    await store.write({ memberId, clientEndpoint, clientId, tokens: { accessToken, refreshToken } });
  }
  await store.close();
}

export const always = { times: Number.POSITIVE_INFINITY };

/** A portal that refuses every bind. */
export const refusing = {
  kind: 'command-error',
  method: 'event.bind',
  error: 'ERROR_CORE',
  description: 'No',
  ...always,
} as const;

export function emptied(portal: PortalHandle | undefined): void {
  for (const { id } of portal?.rows ?? []) portal?.removeRow(id);
}
