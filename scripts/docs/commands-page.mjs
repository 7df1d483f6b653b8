/** docs/commands.md: every command with what it takes, from the table of commands. */

const head = `# Commands

\`bitrix-events help COMMAND\` prints the same in a terminal. In a project the command line is \`npx bitrix-events …\`; installed with \`npm i -g\` it is \`bitrix-events …\`.

<!-- Written by \`npm run docs\` from the table of commands; the words before and after the commands are in scripts/docs/commands-page.mjs. -->

## Exit codes

| code | meaning |
|---|---|
| 0 | done: in sync, applied, or nothing to do |
| 1 | failed; the portal was not changed |
| 2 | there are changes (\`check\`; \`plan --detailed-exitcode\`), or portals that need somebody (\`portals --detailed-exitcode\`) |
| 3 | stopped half-way: the portal **was** changed and has not converged; run again |
| 4 | refused: a guard objects, a saved plan no longer fits, or an answer is needed and there is no terminal |
| 130 | interrupted (SIGINT, SIGTERM, SIGHUP; at the question too); what was in flight was finished and reported first |

## Formats

\`--format json\` prints [one document](json.md). \`--output FORMAT=FILE\` writes the same result once more, into a file. The exit code never depends on the format. Further formats are for [pipelines](ci.md):

| format | what it is |
|---|---|
| \`markdown\` | a comment on a pull request. Its first line is a hidden marker of manifest name, environment and portal, the same in each run and also when one fails, so that a bot finds its own comment. \`--max-length\` leaves out kept rows first, then reasons, then rows, and says so |
| \`github\` | GitHub Actions: a group in the log, annotations on the manifest's lines, the step's summary, and outputs: \`verdict\`, \`exit-code\`, \`binds\`, \`unbinds\`, \`rebinds\`, \`blocked\`, \`plan-file\`, \`fingerprint\` |
| \`junit\` | JUnit XML: a case for each binding, or for each of many portals. Drift is a failure, what cannot be told an error, what is ignored is skipped |
| \`html\` | one page to keep or to send to somebody, whole in its file and readable without scripts; of many portals it names each, equal sets of changes once; of a rollout that workers carry out, each that somebody has to look at |
| \`ndjson\` | of many portals: a line of JSON for each as it ends, between a head and a summary |
| \`sarif\`, \`gitlab\` | code scanning, and GitLab code quality, of the manifest |
`;

const tail = `## Completing words in a shell

Put one of these where your shell reads it at its start:

\`\`\`sh
source <(bitrix-events completion bash)                                   # ~/.bashrc
source <(bitrix-events completion zsh)                                    # ~/.zshrc, after compinit
bitrix-events completion fish | source                                    # ~/.config/fish/config.fish
bitrix-events completion powershell | Out-String | Invoke-Expression      # $PROFILE
\`\`\`
`;

const groupNames = { manifest: 'the manifest', store: 'the store', portal: 'one portal', planning: 'planning' };

/**
 * @param {readonly object[]} commands
 * @param {Readonly<Record<string, readonly object[]>>} groups options that several commands share
 */
export function commandsPage(commands, groups) {
  const overview = commands.map((spec) => `| [\`${usageOf(spec)}\`](#${anchorOf(spec.name)}) | ${spec.summary} |`);
  const shared = Object.entries(groupNames).map(([group, name]) => `Options for ${name}:\n\n${tableOf(groups[group])}`);
  return [
    head,
    `## What there is\n\n| command | what it does |\n|---|---|\n${overview.join('\n')}\n`,
    `## Options of many commands\n\nEvery command takes \`--format\`, \`--output\` and these:\n\n${tableOf(groups.common)}`,
    ...shared,
    '## The commands one by one\n',
    ...commands.map(sectionOf),
    tail,
  ].join('\n');
}

function sectionOf(spec) {
  const { name, summary, example, options = [], groups, formats } = spec;
  const taken = groups.map((group) => groupNames[group]);
  const lines = [
    `### ${name}`,
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}. Formats: ${formats.map((format) => `\`${format}\``).join(', ')}.`,
    ...argumentsOf(spec).map((argument) => `\`${argument.name}\`: ${inCell(argument.summary)}`),
    ...(options.length === 0 ? [] : [tableOf(options).trimEnd()]),
    ...(taken.length === 0 ? [] : [`Takes the options for ${taken.join(', ')} too.`]),
    `For example: \`${example}\``,
  ];
  return `${lines.join('\n\n')}\n`;
}

function tableOf(options) {
  const rows = options.map(({ flags, summary, choices, default: preset }) => {
    const values = choices === undefined ? '' : `: ${choices.map((choice) => `\`${choice}\``).join(', ')}`;
    const shown = preset === undefined ? '' : ` (default: ${preset.shown ?? preset.value})`;
    return `| \`${flags}\` | ${inCell(summary)}${values}${shown} |`;
  });
  return `| option | meaning |\n|---|---|\n${rows.join('\n')}\n`;
}

function usageOf(spec) {
  return [spec.name, ...argumentsOf(spec).map(({ name }) => name)].join(' ');
}

function argumentsOf({ argument, secondArgument }) {
  return [argument, secondArgument].filter((spec) => spec !== undefined);
}

function inCell(text) {
  return text.replaceAll('|', '\\|');
}

function anchorOf(name) {
  return name.replaceAll(' ', '-');
}
