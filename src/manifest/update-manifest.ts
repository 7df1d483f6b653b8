/** Brings the text of a manifest to what is live and leaves the rest of it as it is. */
import { isMap, isSeq, parseDocument, type YAMLSeq } from 'yaml';
import { type Binding, type BindingKey, keyOf } from '../core/binding.ts';
import { hasErrors } from '../core/diagnostic.ts';
import { ManifestError, UsageError } from '../core/errors.ts';
import { matchesRule } from '../core/ignore.ts';
import { type Caller, declarable, entriesOf, impliedAuthType } from './binding-text.ts';
import type { Draft } from './draft.ts';
import { draftManifest, type ParseOptions } from './parse-manifest.ts';
import type { Row } from './rules/context.ts';
import { rowsOf } from './rules/rules.ts';
import { appendEntries, applyEdits, type Edit, emptyBlock, fillEmpty, removeItems } from './sequence-edits.ts';
import { nodeAt, pairOf } from './yaml-nodes.ts';

export interface UpdateOptions extends ParseOptions {
  readonly caller: Caller;
}

/**
 * The text with the bindings that are no longer live taken out and the missing ones added at the end; comments on lines
 * of their own, order, names of handlers and placeholders stay. What `ignore` covers, what the platform makes itself and
 * what the caller cannot see is left as it is.
 *
 * @throws ManifestError when the text is no valid manifest.
 * @throws UsageError `cannot-update` when the way it is written does not let a part be taken out, as with aliases.
 */
export function updateManifestText(text: string, live: readonly Binding[], options: UpdateOptions): string {
  const mark = text.startsWith('\u{feff}') ? '\u{feff}' : '';
  const body = text.slice(mark.length);
  const { draft, diagnostics } = draftManifest(body, options);
  if (draft === undefined || hasErrors(diagnostics)) throw new ManifestError(diagnostics);

  const { caller } = options;
  const liveKeys = new Set(live.map(keyOf));
  const declared = rowsOf(draft);
  const kept = declared.filter((row) => {
    const binding = bindingOf(row, caller);
    return liveKeys.has(keyOf(binding)) || !isVisible(binding, caller);
  });
  const declaredKeys = keysOf(declared, caller);
  const missing = declarable(live).filter((binding) => !declaredKeys.has(keyOf(binding)) && !isIgnored(binding, draft));
  if (missing.length === 0 && kept.length === declared.length) return text;

  const updated = applyEdits(body, editsFor(body, draft, new Set(kept.map(({ path }) => path)), missing, options));
  const wanted = new Set([...keysOf(kept, caller), ...missing.map(keyOf)]);
  const found = draftManifest(updated, options).draft;
  if (found === undefined || !isEqual(keysOf(rowsOf(found), caller), wanted)) throw cannotUpdate(options.file);
  return mark + updated;
}

function editsFor(
  text: string,
  draft: Draft,
  kept: ReadonlySet<Row['path']>,
  missing: readonly Binding[],
  { file, property, caller }: UpdateOptions,
): readonly Edit[] {
  const document = parseDocument(text, { keepSourceTokens: true, stringKeys: true, uniqueKeys: false });
  const prefix = property === undefined ? [] : [property];
  const listAt = (path: Row['path']): YAMLSeq => {
    // Without targets an alias leads nowhere: what it stands for is also meant elsewhere, so it is not edited.
    const node = nodeAt(document.contents, [...prefix, ...path], new Map());
    if (!isSeq(node)) throw cannotUpdate(file);
    return node;
  };
  const list = listAt(['bindings']);
  const removed = new Set<number>();
  const edits: Edit[] = [];
  for (const { path, events } of draft.bindings) {
    const gone = events.filter((event) => !kept.has(event.path));
    if (gone.length === 0) continue;
    if (gone.length === events.length) removed.add(Number(path.at(-1)));
    else
      edits.push(
        ...removeItems(text, listAt([...path, 'event']), new Set(gone.map((event) => Number(event.path.at(-1))))),
      );
  }

  const names = new Map([...draft.handlers].reverse().map(([name, { value }]) => [value, name]));
  const entries = entriesOf(missing, caller, (url) => names.get(url) ?? url);
  const parent = nodeAt(document.contents, prefix, new Map());
  const key = pairOf(parent, 'bindings')?.key;
  const isEmptied = removed.size === list.items.length;
  if (isMap(parent) && parent.flow !== true && isEmptied) {
    if (list.flow === true && entries.length > 0) return [...edits, ...fillEmpty(text, list, key, entries)];
    if (list.flow !== true && entries.length === 0) edits.push(emptyBlock(text, key));
  }
  return [...edits, ...removeItems(text, list, removed), ...appendEntries(text, list, removed, entries)];
}

function bindingOf({ event, url, binding }: Row, caller: Caller): Binding {
  switch (binding.eventType) {
    case 'online':
    case undefined: {
      // An unknown kind is an error, and a draft with errors does not come here.
      const authType = binding.authType?.value ?? impliedAuthType(caller);
      return { eventType: 'online', event, handler: url ?? '', authType };
    }
    case 'offline':
      return { eventType: 'offline', event, authConnector: binding.authConnector?.value ?? '' };
  }
}

/** Who is no administrator is shown their own online bindings only, so the absence of others says nothing. */
function isVisible(binding: Binding, { isAdmin, userId }: Caller): boolean {
  if (isAdmin) return true;
  switch (binding.eventType) {
    case 'online':
      return binding.authType === userId;
    case 'offline':
      return false;
  }
}

function isIgnored(binding: Binding, { ignore }: Draft): boolean {
  return ignore.some(({ value }) => matchesRule(value, binding));
}

function keysOf(rows: readonly Row[], caller: Caller): ReadonlySet<BindingKey> {
  return new Set(rows.map((row) => keyOf(bindingOf(row, caller))));
}

function isEqual(a: ReadonlySet<BindingKey>, b: ReadonlySet<BindingKey>): boolean {
  return a.size === b.size && [...a].every((key) => b.has(key));
}

function cannotUpdate(file: string): UsageError {
  return new UsageError({
    code: 'cannot-update',
    message: `'${file}' is written in a way that does not let single bindings be changed`,
    hint: 'Run import without --write and take over what you need; aliases are the usual reason',
  });
}
