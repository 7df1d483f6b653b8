/** docs/json.md: which schema describes what each command prints as JSON. */

const head = `# JSON

Every command takes \`--format json\` and then prints one document on standard output, also when it fails: a failure is \`{ "format": 1, "error": { "code", "message", "hint" } }\`. Servers and workers print one line when they are ready. What people read in between, warnings and progress, goes to standard error. \`--output json=FILE\` writes the same document into a file beside any other format.

The schemas are in the package (\`bitrix-events/schemas/plan.schema.json\`), and each names its address in \`$id\`. \`format\` is the version of a document.

<!-- Written by \`npm run docs\` from the table of commands. -->
`;

/** What each command prints: a schema, and when it is that one. */
const documents = {
  init: [['init', '']],
  validate: [['validation', '']],
  plan: [
    ['plan', 'also what `--out` saves'],
    ['fleet', 'for several portals'],
    ['results', 'each line of `--format ndjson` and `--results`'],
  ],
  apply: [
    ['report', ''],
    ['fleet', 'for several portals'],
    ['results', 'each line of `--format ndjson` and `--results`'],
    ['rollout', 'with `--queue`'],
  ],
  check: [
    ['check', ''],
    ['fleet', 'for several portals'],
    ['results', 'each line of `--format ndjson` and `--results`'],
  ],
  show: [['plan', '']],
  import: [
    ['manifest', ''],
    ['import-write', 'with `--write`'],
  ],
  events: [['events', '']],
  doctor: [['doctor', '']],
  login: [['login', '']],
  serve: [['serve', 'when it is ready']],
  portals: [['portals', '']],
  worker: [['worker', 'when it is ready']],
  'rollout list': [['rollout-list', '']],
  'rollout status': [['rollout', '']],
  'rollout pause': [['rollout', '']],
  'rollout resume': [['rollout', '']],
  'rollout cancel': [['rollout', '']],
  'rollout retry': [['rollout', '']],
  'store list': [['store-list', '']],
  'store remove': [['store-remove', '']],
  'store reencrypt': [['store-reencrypt', '']],
  'store copy': [['store-copy', '']],
  emulator: [['emulator', 'when it is ready']],
  explain: [['explain', '']],
  completion: [['completion', '']],
};

/** @param {readonly { name: string, formats: readonly string[] }[]} commands */
export function jsonPage(commands) {
  const rows = commands.map(({ name, formats }) => `| \`${name}\` | ${cellOf(name)} | ${beside(formats)} |`);
  return `${head}
| command | document | further formats |
|---|---|---|
${rows.join('\n')}

A saved plan and the results of a fleet (\`--results\`, a line of JSON for each portal) are documents too: \`apply\`, \`show\` and \`--resume\` read them back, and refuse what they cannot trust. The manifest itself is described by [\`manifest.schema.json\`](../schemas/manifest.schema.json).
`;
}

function beside(formats) {
  const further = formats.filter((format) => format !== 'text' && format !== 'json');
  return further.map((format) => `\`${format}\``).join(', ');
}

function cellOf(name) {
  const schemas = documents[name];
  if (schemas === undefined) throw new Error(`scripts/docs/json-page.mjs does not say what '${name}' prints as JSON`);
  const links = schemas.map(
    ([schema, when]) =>
      `[\`${schema}.schema.json\`](../schemas/${schema}.schema.json)${when === '' ? '' : ` (${when})`}`,
  );
  return links.join(', ');
}
