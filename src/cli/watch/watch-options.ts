/** The options of commands that stay and are watched over, each once. */
import { type OptionSpec, wholeNumber } from '../options.ts';
import { logFormats } from './log.ts';

export const watchOptions: readonly OptionSpec[] = [
  {
    flags: '--log-format <format>',
    summary: 'how lines of the log are written: text as name=value, or json',
    choices: logFormats,
    default: { value: 'text' },
  },
  {
    flags: '--metrics-port <n>',
    summary: 'answer GET /metrics for Prometheus on this port, 0 for a free one (default: none)',
    parse: wholeNumber,
  },
  {
    flags: '--metrics-host <address>',
    summary: 'answer that on this address (default: that of --host, else 127.0.0.1)',
  },
];
