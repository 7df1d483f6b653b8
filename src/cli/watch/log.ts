/** A log of one line for each thing that happened, for people and for programs; what others have written steers nothing in it. */
import { printable } from '../../core/display.ts';

export const logFormats = ['text', 'json'] as const;

/** `text` is logfmt: `name=value` after `name=value`. */
export type LogFormat = (typeof logFormats)[number];

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogEntry {
  readonly level: LogLevel;
  /** What happened, in a word of ours. */
  readonly what: string;
  readonly memberId?: string | undefined;
  readonly domain?: string | undefined;
  /** What came of it, in a word of ours. */
  readonly outcome?: string | undefined;
  readonly durationMs?: number | undefined;
  /** Whatever else there is to say, by names in camel case. */
  readonly more?: Readonly<Record<string, string | number | undefined>>;
}

export type Log = (entry: LogEntry) => void;

/**
 * @param write takes whole lines
 * @param now milliseconds since 1970
 */
export function createLog(format: LogFormat, write: (line: string) => void, now: () => number = Date.now): Log {
  return (entry) => write(logLine(entry, format, now()));
}

/** Times are to the millisecond, in UTC; durations are in whole milliseconds. */
export function logLine({ durationMs, more, ...entry }: LogEntry, format: LogFormat, atMs: number): string {
  const { level, what, memberId, domain, outcome } = entry;
  const fields = {
    time: new Date(atMs).toISOString(),
    level,
    what,
    memberId,
    domain,
    outcome,
    ...more,
    durationMs: durationMs === undefined ? undefined : Math.round(durationMs),
  };
  const said = Object.entries(fields).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return [[name, typeof value === 'string' ? printable(value) : value] as const];
  });
  switch (format) {
    case 'json':
      return `${JSON.stringify(Object.fromEntries(said))}\n`;
    case 'text':
      return `${said.map(([name, value]) => `${name}=${valueText(value)}`).join(' ')}\n`;
  }
}

/** In quotes where it would not be read back as one value. */
function valueText(value: string | number): string {
  return typeof value === 'number' || /^[^\s"=]+$/.test(value) ? String(value) : JSON.stringify(value);
}
