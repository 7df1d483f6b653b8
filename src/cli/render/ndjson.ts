/** The last line of results that were printed portal by portal as they ended: what they come to, or why there is no more of them. */
import { failureToJson } from './failure-json.ts';
import { summaryToJson } from './fleet-json.ts';
import { type Renderers, unspoken } from './renderers.ts';

export const ndjson: Renderers = {
  ...unspoken,
  validation: undefined,
  // Of a single portal there are no lines; its options say so.
  plan: undefined,
  report: undefined,
  check: undefined,
  fleet: (result) => line({ summary: summaryToJson(result) }),
  failure: ({ error }) => line(failureToJson(error)),
};

function line(document: object): string {
  return `${JSON.stringify(document)}\n`;
}
