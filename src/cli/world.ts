/** What a command may touch of the process it runs in: handed in, so that everything below main.ts is testable and pure of globals. */

export interface World {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly isOutTerminal: boolean;
  readonly isErrTerminal: boolean;
  /** Of the terminal behind stdout; 80 where there is none. */
  readonly columns: number;
  /** Whether a person can answer a question. */
  readonly isInTerminal: boolean;
  out(text: string): void;
  err(text: string): void;
  readStdin(): Promise<Uint8Array>;
  /** Asks on the terminal and resolves with the line typed. */
  ask(question: string): Promise<string>;
  /** Calls back at the first SIGINT or SIGTERM; the second one ends the process as usual. Returns how to stop listening. */
  onInterrupt(listener: () => void): () => void;
}
