/** The types of the package: one file for each entry, with all that it needs, and a report of what is public in it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** By the name of the entry's file in `dist`. */
const entries = { index: 'index.d.ts', emulator: join('emulator', 'index.d.ts') };

/**
 * Writes `index.d.ts` and `emulator.d.ts`.
 * @param folder that exists
 * @returns the report of each, by its name: the same text for the same public surface
 */
export function writeDeclarations(folder) {
  const work = mkdtempSync(join(tmpdir(), 'bitrix-events-types-'));
  try {
    compile(work);
    spellOutCodes(join(work, 'core', 'codes.d.ts'));
    return Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, rollUp(work, name, file, folder)]));
  } finally {
    rmSync(work, { recursive: true, force: true, maxRetries: 5 });
  }
}

function compile(outDir) {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const project = join(root, 'scripts', 'tsconfig.declarations.json');
  execFileSync(process.execPath, [compiler, '-p', project, '--outDir', outDir], { stdio: 'inherit' });
}

/** As names alone: what each of them means and what helps is more text than all the other types, and told by `explain`. */
function spellOutCodes(file) {
  const text = readFileSync(file, 'utf8');
  const names = [...text.matchAll(/^ {4}readonly (?:'([^']+)'|(\w+)): \{$/gm)].map(
    ([, quoted, plain]) => quoted ?? plain,
  );
  const spelt = text.replace('keyof typeof codes;', `${names.map((name) => `\n  | '${name}'`).join('')};`);
  if (names.length === 0 || spelt === text) throw new Error(`the codes are not where they were, in ${file}`);
  writeFileSync(file, spelt);
}

function rollUp(work, name, file, folder) {
  const mainEntryPointFilePath = join(work, file);
  const config = ExtractorConfig.prepare({
    packageJsonFullPath: join(root, 'package.json'),
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: work,
      mainEntryPointFilePath,
      newlineKind: 'lf',
      compiler: { overrideTsconfig: { compilerOptions, files: [mainEntryPointFilePath] } },
      apiReport: {
        enabled: true,
        includeForgottenExports: true,
        reportFolder: work,
        reportTempFolder: join(work, 'temp'),
        reportFileName: name,
      },
      docModel: { enabled: false },
      tsdocMetadata: { enabled: false },
      dtsRollup: { enabled: true, untrimmedFilePath: join(folder, `${name}.d.ts`) },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        // The report itself says what has no documentation; the test that reads it holds every export to having some.
        extractorMessageReporting: { default: { logLevel: 'none' } },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
  });
  const { succeeded } = Extractor.invoke(config, { localBuild: true, messageCallback: quieten });
  if (!succeeded) throw new Error(`the types of ${name} cannot be rolled up; what is wrong stands above`);
  return readFileSync(join(work, `${name}.api.md`), 'utf8');
}

const compilerOptions = {
  ...JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')).compilerOptions,
  typeRoots: [join(root, 'node_modules', '@types')],
};

/** It tells of every file it writes. */
function quieten(message) {
  if (message.logLevel !== 'error') message.handled = true;
}
