/** docs/library.md: every export with its declaration and its documentation, read from the sources. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync } from 'rolldown/utils';

const head = `# The library

What the commands do, as functions that return data. They never print, exit or read the process: environment, clock and streams are arguments. What goes wrong is thrown as one of five classes by who has to act, with a [code](errors.md). Examples that run are in [getting started](getting-started.md#the-same-from-code), [the installer](installer.md) and [the emulator](emulator.md).

<!-- Written by \`npm run docs\` from the sources: src/index.ts and src/emulator/index.ts. -->
`;

const entries = [
  ['bitrix-events', 'src/index.ts'],
  ['bitrix-events/emulator', 'src/emulator/index.ts'],
];

/** @param {string} root the folder of the project */
export function libraryPage(root) {
  const parts = entries.map(([name, file]) => {
    const exported = exportsOf(root, file);
    const names = new Set(exported.map((item) => item.name));
    const items = exported.map((item) => itemOf(root, item, names));
    const values = items.filter(({ isType }) => !isType);
    const types = items.filter(({ isType }) => isType).sort((a, b) => (a.name < b.name ? -1 : 1));
    return `## \`${name}\`\n\n${[...values, ...types].map(({ text }) => text).join('\n')}`;
  });
  return [head, ...parts].join('\n');
}

/** Every export as written in an entry: its name, and the file and the name behind it. */
function exportsOf(root, file) {
  return parsed(root, file).program.body.flatMap((statement) =>
    statement.type === 'ExportNamedDeclaration' && statement.source
      ? statement.specifiers.map(({ local, exported }) => ({
          name: exported.name,
          local: local.name,
          file: join(dirname(file), statement.source.value),
        }))
      : [],
  );
}

/**
 * One export as a section.
 * @param names what has a section of its own
 */
function itemOf(root, { name, local, file }, names) {
  const { source, program, comments } = parsed(root, file);
  const statement = program.body.find((candidate) => declares(candidate, local));
  if (statement === undefined) throw new Error(`${file} does not declare '${local}'`);
  const comment = commentBefore(statement, { source, comments });
  const isType = statement.declaration.type.startsWith('TS');
  const heading = isType ? `#### \`${name}\`` : `### \`${name}\``;
  const declaration = isType
    ? typeOf(root, file, statement.declaration, names)
    : declarationOf(statement.declaration, { source, comments });
  const code = `\`\`\`ts declaration\n${declaration}\n\`\`\`\n`;
  return { name, isType, text: [heading, ...proseOf(comment?.value ?? ''), code].join('\n\n') };
}

/** As it is written, but what it takes from that has no section of its own stands in it. */
function typeOf(root, file, node, names) {
  const { source } = parsed(root, file);
  const text = source.slice(node.start, node.end);
  const values = /\(typeof (\w+)\)\[number\]/.exec(text);
  if (values !== null) {
    const { init } = declarationNamed(root, file, values[1]).node.declarations[0];
    const list = init.expression.elements.map(({ raw }) => raw).join(' | ');
    return text.replace(values[0], () => list);
  }
  const bases = (node.extends ?? []).filter(({ expression: { name } }) => name !== undefined && !names.has(name));
  return bases.reduce((sofar, { expression: { name } }) => {
    const base = declarationNamed(root, file, name);
    // Of another library; whoever needs it looks there.
    if (base?.node.type !== 'TSInterfaceDeclaration') return sofar;
    const { body } = base.node;
    const members = parsed(root, base.file).source.slice(body.start + 1, body.end - 1);
    return sofar
      .replace(new RegExp(` extends ${name}(?= \\{)|(?<= extends )${name}, |, ${name}\\b`), '')
      .replace('{', () => `{${members.trimEnd()}`);
  }, text);
}

/** Where a name is declared that a file declares or imports; undefined for what comes from a package. */
function declarationNamed(root, file, name) {
  for (const statement of parsed(root, file).program.body) {
    const node = statement.declaration ?? statement;
    const declared = node.declarations?.map(({ id }) => id.name) ?? [node.id?.name];
    if (declared.includes(name)) return { node, file };
    const imported = statement.specifiers?.find(({ local }) => local.name === name)?.imported;
    if (statement.type !== 'ImportDeclaration' || imported === undefined) continue;
    const from = statement.source.value;
    return from.startsWith('.') ? declarationNamed(root, join(dirname(file), from), imported.name) : undefined;
  }
}

/** The documentation comment that stands directly above. */
function commentBefore(node, { source, comments }) {
  return comments.findLast(
    ({ type, end, value }) =>
      type === 'Block' && value.startsWith('*') && end <= node.start && /^\s*$/.test(source.slice(end, node.start)),
  );
}

function declares({ type, declaration }, name) {
  if (type !== 'ExportNamedDeclaration' || !declaration) return false;
  const names = declaration.declarations?.map(({ id }) => id.name) ?? [declaration.id?.name];
  return names.includes(name);
}

/** Without bodies, as a declaration file has it. */
function declarationOf(node, file) {
  const { source } = file;
  switch (node.type) {
    case 'FunctionDeclaration':
      return signature(node, node, source);
    case 'ClassDeclaration': {
      const members = node.body.body
        .filter(({ accessibility }) => accessibility !== 'private')
        .map((member) => {
          const comment = commentBefore(member, file);
          const above = comment === undefined ? '' : `  ${source.slice(comment.start, comment.end)}\n`;
          return `${above}  ${member.value?.body ? signature(member, member.value, source) : source.slice(member.start, member.end)}\n`;
        });
      const opening = source.slice(node.start, node.body.start);
      return members.length === 0 ? `${opening}{}` : `${opening}{\n${members.join('')}}`;
    }
    default:
      return source.slice(node.start, node.end);
  }
}

/**
 * What stands before a body. A parameter that is taken apart at once is called by what it is.
 * @param node where it begins
 * @param callable what has the parameters and the body
 */
function signature(node, callable, source) {
  const patterns = callable.params.map((param) => param.left ?? param).filter(({ type }) => type === 'ObjectPattern');
  const plain = patterns.reduceRight((sofar, pattern) => {
    const { start, end } = pattern.typeAnnotation;
    const before = sofar.slice(0, pattern.start - node.start);
    return `${before}options${source.slice(start, end)}${sofar.slice(end - node.start)}`;
  }, source.slice(node.start, callable.body.start).trimEnd());
  return `${plain.replace(/^async /, '')};`;
}

/** What a documentation comment says, as paragraphs of Markdown. */
function proseOf(comment) {
  const text = comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, ''))
    .join('\n');
  const [body = '', ...tags] = text.split(/^@/m);
  return [unwrapped(body), ...tags.map(tagText)].filter((part) => part !== '');
}

function tagText(tag) {
  const [, name = '', rest = ''] = /^(\w+)\s*([^]*)$/.exec(tag) ?? [];
  switch (name) {
    case 'param': {
      const [, parameter, what = ''] = /^(\S+)\s+(?:- )?([^]*)$/.exec(rest.trim()) ?? [];
      return `\`${parameter}\`: ${joined(what)}`;
    }
    case 'throws':
      return `Throws ${joined(rest)}.`;
    case 'returns':
      return `Returns ${joined(rest)}.`;
    case 'example':
      return `\`\`\`ts example\n${rest.trim()}\n\`\`\``;
    default:
      throw new Error(`nothing is known of @${name}`);
  }
}

/** Lines of a paragraph in one; lists, tables and code stay as they are. */
function unwrapped(text) {
  const blocks = text.trim().split(/\n\s*\n/);
  return blocks.map((block) => (/^\s*([-|*]|```)/m.test(block) ? block : lineOf(block))).join('\n\n');
}

/** What stands in a sentence that ends elsewhere. */
function joined(text) {
  return lineOf(text).replace(/\.$/, '');
}

function lineOf(text) {
  return text.trim().replace(/\s*\n\s*/g, ' ');
}

const files = new Map();

function parsed(root, file) {
  const known = files.get(file);
  if (known !== undefined) return known;
  const source = readFileSync(join(root, file), 'utf8');
  const { program, comments, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  const made = { source, program, comments };
  files.set(file, made);
  return made;
}
