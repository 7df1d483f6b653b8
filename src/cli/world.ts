/** What a command may touch of the process it runs in: handed in, so that everything below main.ts is testable and pure of globals. */

export interface World {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly isOutTerminal: boolean;
  readonly isErrTerminal: boolean;
  /** Of the terminal behind stdout; 80 where there is none. */
  readonly columns: number;
  /** Whether a person can be asked: one who sees the question on stderr and can answer it on stdin. */
  readonly isInTerminal: boolean;
  /** Never throws: that nobody reads it, or that a disk is full, changes nothing about what is done on a portal. */
  out(text: string): void;
  err(text: string): void;
  /**
   * Waits until stdout has taken everything. Resolves with the system's code, such as `ENOSPC`, when it could not; a reader
   * that went away, such as `head`, wanted no more.
   */
  drained(): Promise<string | undefined>;
  readStdin(): Promise<Uint8Array>;
  /** Asks on the terminal and resolves with the line typed; with nothing when the signal is aborted, or the terminal is closed. */
  ask(question: string, signal: AbortSignal): Promise<string>;
  /** Calls back at the first SIGINT, SIGTERM or SIGHUP; the second one ends the process as usual. Returns how to stop listening. */
  onInterrupt(listener: () => void): () => void;
}
