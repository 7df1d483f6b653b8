/** Writes what the README says of codes: its table comes from src/core/codes.ts. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = new URL('../', import.meta.url);

/** The README with the table of these codes between its marks. */
export function withCodes(readme, codes) {
  const rows = Object.entries(codes).map(([code, { meaning, cure }]) => `| \`${code}\` | ${meaning} | ${cure} |`);
  const table = ['| code | what it means | what to do |', '|---|---|---|', ...rows].join('\n');
  return readme.replace(
    /(<!-- codes:start -->\n).*(<!-- codes:end -->)/s,
    (_, start, end) => `${start}${table}\n${end}`,
  );
}

async function loadCodes() {
  const bundler = await rolldown({ input: fileURLToPath(new URL('src/core/codes.ts', root)) });
  const { output } = await bundler.generate({ format: 'esm' });
  await bundler.close();
  const { codes } = await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);
  return codes;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = new URL('README.md', root);
  await writeFile(file, withCodes(await readFile(file, 'utf8'), await loadCodes()));
}
