/** What `init` did, file by file, and what comes next. */

export interface WrittenFile {
  /** Against the working directory. */
  readonly file: string;
  /** `kept`: it was there already and is as it was. */
  readonly action: 'written' | 'extended' | 'kept';
  /** A word on it for people. */
  readonly note: string;
}

export interface NextStep {
  /** A command line. */
  readonly command: string;
  readonly why: string;
}

export interface Initialised {
  readonly files: readonly WrittenFile[];
  /** What was to go into a file that somebody else keeps: for people to take over. */
  readonly snippet: { readonly file: string; readonly text: string } | undefined;
  readonly next: readonly NextStep[];
}
