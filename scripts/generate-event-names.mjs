/** Writes the events of the catalogue into the manifest's schema, for editors to propose and to explain. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = new URL('../', import.meta.url);

/** Also for nothing: of a value that is not written yet, editors say that it has to be a text, and not which 213 it could be. */
const anyText = '{ "type": ["string", "null"] }';

/**
 * The schema's text with these events as the alternatives of `eventName`. A `const` is what is proposed, in the documentation's
 * spelling with a capital; a `pattern` explains what is written in any other letter case.
 */
export function withEventNames(schema, events) {
  const known = events.flatMap(alternativesOf).map((alternative) => JSON.stringify(alternative, null, 2));
  const lines = [...known, anyText].map((text) => text.replaceAll(/^/gm, '        '));
  return schema.replace(
    /("eventName": \{\n(?: {6}.*\n)*? {6}"anyOf": \[)[^\0]*?(\]\n {4}\})/,
    (_, start, end) => `${start}\n${lines.join(',\n')}\n      ${end}`,
  );
}

function alternativesOf(event) {
  const { code, name, regex } = event;
  const description = descriptionOf(event);
  // The code of an event with a parameter is no event.
  if (regex !== undefined)
    return [{ type: 'string', pattern: `^${inAnyCase(code.replace(/\{.*/, ''))}[0-9]+$`, description }];
  const spelt = name.slice(0, 1).toUpperCase() + name.slice(1);
  return [
    { const: spelt.toUpperCase() === code ? spelt : code, description },
    { type: 'string', pattern: `^${inAnyCase(code)}$`, description },
  ];
}

function inAnyCase(code) {
  return code.replaceAll('.', '\\.').replaceAll(/[A-Z]/g, (letter) => `[${letter}${letter.toLowerCase()}]`);
}

function descriptionOf({ summary, scope, serverScope, alsoScopes = [], deprecated, managedBy, offline, note }) {
  const scopes = [...new Set([scope, ...(serverScope === undefined ? [] : [serverScope]), ...alsoScopes])];
  const replacement = deprecated?.replacedBy.join(', ') ?? '';
  return [
    `${summary}.`,
    `Scope: ${scopes.join(' or ')}.`,
    ...(deprecated === undefined ? [] : [replacement === '' ? 'Deprecated.' : `Deprecated: use ${replacement}.`]),
    ...(managedBy === undefined ? [] : [`The platform binds it itself (${managedBy}).`]),
    ...(offline === false ? ['Cannot be bound offline.'] : []),
    ...(note === undefined ? [] : [note]),
  ].join(' ');
}

async function loadEvents() {
  const bundler = await rolldown({ input: fileURLToPath(new URL('src/catalog/catalog.ts', root)) });
  const { output } = await bundler.generate({ format: 'esm' });
  await bundler.close();
  const { allEvents } = await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);
  return allEvents();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = new URL('schemas/manifest.schema.json', root);
  await writeFile(file, withEventNames(await readFile(file, 'utf8'), await loadEvents()));
}
