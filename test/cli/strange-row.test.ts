/** A live row that no binding can be made of, from the first plan to the last apply. */
import { expect, test } from 'vitest';
import { aPortal, handler, manifestText, type Ran } from './cli.ts';

/** As it was before it was wrapped. */
const inOneLine = ({ out, err }: Ran): string => `${out}${err}`.replaceAll(/\n +/g, ' ');

test('a row that makes no sense is shown, left alone, and stops nothing', async () => {
  const [cli, emulator] = await aPortal({
    portal: {
      rows: [
        { event: 'ONTASKDELETE', handler: `${handler}?key=s3cret`, auth_type: 9_007_199_254_740_992 },
        { event: 'ONTASKDELETE', handler },
      ],
    },
  });
  const told = /a live row of ONTASKDELETE makes no sense and is left as it is: .*auth_type 9007199254740992/;
  const planned = await cli.run('plan --prune all');
  expect(inOneLine(planned)).toMatch(told);
  expect(planned.out + planned.err).not.toContain('s3cret');
  const applied = await cli.run('apply --yes --prune all');
  expect(applied.code).toBe(0);
  expect(emulator.rows.map(({ event, userId }) => [event, userId])).toEqual([
    ['ONTASKDELETE', 9_007_199_254_740_992],
    ['ONCRMDEALADD', 0],
    ['ONCRMLEADADD', 0],
    ['ONTASKADD', 0],
  ]);
  const again = await cli.run('apply --yes --prune all --format json');
  expect(JSON.parse(again.out)).toMatchObject({ verdict: 'unchanged', warnings: [{ code: 'strange-row' }] });

  await cli.write('bitrix-events.yaml', manifestText([]));
  const emptied = await cli.run('apply --yes');
  expect([emptied.code, emulator.rows.map(({ event }) => event)]).toEqual([0, ['ONTASKDELETE']]);
});

test.for([['import'], ['import --write']])('%s says that there is more than it can write', async ([command = '']) => {
  const rows = [{ event: 'ONTASKDELETE', handler, auth_type: 9_007_199_254_740_992 }];
  const [cli] = await aPortal({ portal: { rows } });
  const ran = await cli.run(command);
  expect(ran.code).toBe(0);
  expect(inOneLine({ ...ran, out: '' })).toMatch(
    /^warning: a live row of ONTASKDELETE makes no sense .*\[strange-row\]/,
  );
  expect(ran.out).not.toContain('warning');
});
