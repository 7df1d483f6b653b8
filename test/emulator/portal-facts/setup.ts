/** Sets up what a test file works with: its emulator, portals with known users, and receivers of its events. */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import {
  type Emulator,
  type EmulatorOptions,
  type PortalHandle,
  type PortalOptions,
  startEmulator,
} from '../../../src/emulator/index.ts';
import { type Receiver, startReceiver } from './receiver.ts';

/** Where the files with a clock of their own begin. */
export const START_MS = Date.parse('2026-11-01T09:00:00Z');

/** The administrator 1, and 7 and 15, who are none. */
const USERS = [
  { id: 1, admin: true },
  { id: 7, admin: false },
  { id: 15, admin: false },
];

export interface EmulatorOfFile {
  /** The emulator, for the tests and hooks to ask: while the file is read, it is not there yet. */
  readonly emulator: () => Emulator;
  /** A portal with the users 1, 7 and 15, of whom only 1 is an administrator. */
  readonly portalWithUsers: (options?: PortalOptions) => PortalHandle;
}

/** One emulator for all tests of the calling file. */
export function emulatorOfFile(options: EmulatorOptions = {}): EmulatorOfFile {
  let started: Emulator | undefined;
  beforeAll(async () => {
    started = await startEmulator(options);
  });
  afterAll(() => started?.close());
  const emulator = () => {
    if (started === undefined) throw new Error('The emulator runs only while the tests do');
    return started;
  };
  return { emulator, portalWithUsers: (more = {}) => emulator().addPortal({ users: USERS, ...more }) };
}

/** A new receiver for each test of the calling file. */
export function receiverOfTest(): () => Receiver {
  let started: Receiver | undefined;
  beforeEach(async () => {
    started = await startReceiver();
  });
  afterEach(() => started?.close());
  return () => {
    if (started === undefined) throw new Error('The receiver runs only while a test does');
    return started;
  };
}
