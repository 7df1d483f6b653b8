/** Codes explained: one, all of them, and one that nobody knows. */
import { expect, test } from 'vitest';
import { codes } from '../../src/core/codes.ts';
import { addressOf } from '../../src/core/documentation.ts';
import { aCli, document } from './cli.ts';

test('a code is told with its meaning and its cure, however it was copied', async () => {
  const cli = await aCli();
  const text =
    'wrong-portal\n\n' +
    'Meaning:    the manifest is for other portals than that of the credentials.\n' +
    'What to do: use that portal’s credentials, or change `portal`.\n\n' +
    'https://github.com/bitrix-events/bitrix-events/blob/main/docs/errors.md#wrong-portal\n';
  for (const asked of ['wrong-portal', '[wrong-portal]', 'WRONG-PORTAL'])
    expect(await cli.run(['explain', asked])).toEqual({ code: 0, out: text, err: '' });
  const { meaning, cure } = codes['wrong-portal'];
  const url = addressOf('wrong-portal');
  const json = await cli.run('explain wrong-portal --format json');
  expect(document(json)).toEqual({ format: 1, codes: [{ code: 'wrong-portal', meaning, cure, url }] });
});

test('without a code it tells of all of them, a line each', async () => {
  const cli = await aCli();
  const lines = (await cli.run('explain')).out.trimEnd().split('\n');
  expect(lines.map((line) => line.split(' ')[0])).toEqual(Object.keys(codes));
  expect(document(await cli.run('explain --format json'))['codes']).toHaveLength(lines.length);
});

test('for a code it does not know it says which one was meant', async () => {
  const cli = await aCli();
  const near = await cli.run('explain unknow-event');
  expect(near).toMatchObject({ code: 1, out: '' });
  expect(near.err).toContain("[unknown-code]\n  Did you mean 'unknown-event'?\n");
  expect((await cli.run('explain xyzzyplugh-none')).err).toContain('alone to see them all');
});
