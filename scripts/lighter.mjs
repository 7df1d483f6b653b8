/** What makes the command start faster: less code to compile, in fewer files, without what is never used of it. A plugin of rolldown. */
import { basename, join } from 'node:path';

const nothing = '\0nothing';

/**
 * @param {string} root of the repository
 * @param {ReadonlySet<string>} onTheWay names of the chunks that every command reads
 */
export const lighter = (root, onTheWay) => ({
  name: 'lighter',
  resolveId(source, importer = '') {
    // For commands that are programs of their own; there are none.
    if (source === 'node:child_process' && /[\\/]commander[\\/]/.test(importer)) return nothing;
    // For manifests that are code; there are none either.
    if (source === 'typescript') return nothing;
    // The CommonJS build cannot be stripped of what is not used.
    if (source === 'yaml') return join(root, 'node_modules', 'yaml', 'browser', 'index.js');
  },
  load(id) {
    if (id === nothing) return 'module.exports = {};';
  },
  transform: {
    filter: { id: /[\\/]node_modules[\\/]/ },
    /** What others document is compiled at every start, and read by nobody here. */
    handler: (code) => code.replace(documentation, '').replace(required, 'globalThis.process.getBuiltinModule($1)'),
  },
  /** An import of a built-in module reads every export once, and some, such as `webcrypto`, load modules of their own when read. */
  renderChunk: (code) => code.replace(/^(?:#!.*\n)?(?:import .*\n)*/, (imports) => imports.replace(builtin, gotten)),
  generateBundle(_options, files) {
    withoutFacades(files);
    const chunks = Object.values(files);
    const { code: runtime } = chunks.find(({ name }) => name === 'rolldown-runtime');
    for (const chunk of chunks.filter(({ name }) => onTheWay.has(name))) {
      chunk.code = withItsRuntime(chunk.code, runtime).replace(/[\u0080-\uffff]/g, escaped);
    }
  },
});

/** A file that only passes on what is in another takes as long to open: who loads it when it is needed loads that one. */
function withoutFacades(files) {
  for (const { fileName, code, isDynamicEntry } of Object.values(files)) {
    const [, names, other] = (isDynamicEntry && /^export \{([^}]*)\} from "\.\/([^"]+)";\n*$/.exec(code)) || [];
    // Under another name it is not found there.
    if (other === undefined || names.includes(' as ')) continue;
    delete files[fileName];
    const name = basename(fileName);
    for (const chunk of Object.values(files)) chunk.code = chunk.code.replaceAll(`/${name}"`, `/${other}"`);
  }
}

/** What modules of the CommonJS kind are helped with is a few lines without a state: not worth a file on the way. */
function withItsRuntime(code, runtime) {
  const [line, names] = /^import \{ (.*) \} from "\.\/rolldown-runtime-.*";\n/m.exec(code) ?? [];
  if (line === undefined) return code;
  if (names.includes('__require')) throw new Error(`a module that is on the way needs 'require'`);
  const helpers = runtime.replace(/^(?:const \{ createRequire \}|var __require |export ).*\n/gm, '');
  return code.replace(line, '').replace(/^\/\/ /m, () => `${helpers}// `);
}

/** A single character beyond Latin 1 has V8 hold, and compile, its whole file at two bytes a character. */
function escaped(unit) {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Not `node:child_process`, which has a stand-in. */
const required = /\brequire\(('node:(?!child_process')[^']+')\)/g;
const documentation = /^[ \t]*\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n/gm;
const builtin = /^import \{ (.*) \} from "(node:[^"]+)";$/gm;

function gotten(_import, names, module) {
  return `const { ${names.replaceAll(' as ', ': ')} } = process.getBuiltinModule("${module}");`;
}
