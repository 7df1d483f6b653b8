/** A live row that no binding can be made of, from the first plan to the last apply. */
import { expect, test } from 'vitest';
import { aPortal, handler, manifestText } from './cli.ts';

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
  expect(planned.out + planned.err).toMatch(told);
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
