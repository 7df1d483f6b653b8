/** Writes live bindings as a new manifest. */
import { type Binding, handlerOf } from '../core/binding.ts';
import { type Caller, declarable, entriesOf, entryLines, scalarText } from './binding-text.ts';
import { publishedSchema } from './schema-place.ts';

/** Who read the bindings, and what stands at the head of the manifest. */
export interface RenderFacts extends Caller {
  /** Names the ledger; left out, the manifest has the default name. */
  readonly name?: string | undefined;
  /** Where editors find the schema, as seen from the manifest. Default: as it was published with this version. */
  readonly schema?: string | undefined;
}

/**
 * YAML which, loaded and planned by the same caller, changes nothing on the portal the bindings came from. Bindings
 * that the platform makes itself are left out.
 */
export function renderManifest(bindings: readonly Binding[], facts: RenderFacts): string {
  const wanted = declarable(bindings);
  const names = handlerNames(wanted);
  const entries = entriesOf(wanted, facts, (url) => names.get(url) ?? url);
  const lines = [
    `# yaml-language-server: $schema=${facts.schema ?? publishedSchema}`,
    'version: 1',
    ...(facts.name === undefined ? [] : [`name: ${scalarText(facts.name)}`]),
    ...(names.size === 0 ? [] : ['handlers:', ...[...names].map(([url, name]) => `  ${name}: ${scalarText(url)}`)]),
    ...(entries.length === 0
      ? ['bindings: []']
      : ['bindings:', ...entries.flatMap(entryLines).map((line) => `  ${line}`)]),
  ];
  return `${lines.join('\n')}\n`;
}

/** A name for each URL that several bindings share, taken from the end of its path. */
function handlerNames(bindings: readonly Binding[]): ReadonlyMap<string, string> {
  const uses = new Map<string, number>();
  for (const binding of bindings) {
    const handler = handlerOf(binding);
    if (handler !== undefined) uses.set(handler, (uses.get(handler) ?? 0) + 1);
  }
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const [url, count] of uses) {
    if (count < 2) continue;
    const stem = stemOf(url);
    let name = stem;
    for (let number = 2; taken.has(name); number += 1) name = `${stem}-${number}`;
    taken.add(name);
    names.set(url, name);
  }
  return names;
}

function stemOf(url: string): string {
  const [path = ''] = url.replace(/^[a-z]+:\/\/[^/?#]*/, '').split(/[?#]/);
  const segment = path.split('/').findLast((part) => /[A-Za-z]/.test(part)) ?? '';
  const word = segment
    .replace(/\.[a-z]+$/, '')
    .toLowerCase()
    .match(/[a-z][a-z0-9_-]{0,30}/)?.[0];
  return word === undefined || /^(true|false|null|yes|no|on|off|y|n)$/.test(word) ? 'app' : word;
}
