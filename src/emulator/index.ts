/** What users of the emulator get: start it, and the types of everything it shows. */
export { startEmulator } from './start.ts';
export type { Emulator } from './start.ts';
export type { FireOptions, PortalCredentials, PortalHandle, TokenOptions } from './handle.ts';
export { memoryStore } from './memory-store.ts';
export type { MemoryLockOptions, MemoryStore, StoredInstallation } from './memory-store.ts';
export type {
  Condition,
  EmulatorOptions,
  Outbound,
  PortalOptions,
  PortalsOptions,
  RequestLog,
  SeedRow,
  Switches,
  UserOptions,
} from './options.ts';
export type { Fault, FaultHandle, FaultKind } from './faults.ts';
export type { LoggedCommand, LoggedRequest } from './request-log.ts';
export type { Delivery } from './delivery.ts';
export type { Frame, FrameOptions } from './frame.ts';
export type { InstallOptions, InstallResult, UpdateOptions } from './lifecycle.ts';
export type { Row, RowChange } from './rows.ts';
export type { Pair } from './tokens.ts';
