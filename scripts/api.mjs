/** Writes the report of what is public, which a test compares with the sources: a change of the surface is a change of these files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateValidators } from './generate-validators.mjs';
import { writeDeclarations } from './declarations.mjs';

const reports = new URL('../test/package/api/', import.meta.url);

await generateValidators();
const folder = mkdtempSync(join(tmpdir(), 'bitrix-events-api-'));
try {
  for (const [name, report] of Object.entries(writeDeclarations(folder))) {
    writeFileSync(new URL(`${name}.api.md`, reports), report);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
