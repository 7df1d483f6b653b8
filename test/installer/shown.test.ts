/** What the page shows of very much, and of what is only remembered. */
import { expect, test } from 'vitest';
import { aWorld, install, manifest, openPage, post, type World } from './world.ts';

const crowd = Array.from({ length: 250 }, (_, index) => ({
  event: 'ONTASKADD',
  handler: `https://e.example/${index}`,
}));

test.for([
  ['en', 'and 53 more'],
  ['ru', 'и ещё 53'],
])('in %s it shows two hundred bindings, and how many more there are', async ([language = '', more]) => {
  const world = await aWorld();
  await install(world, 'ui');
  for (const row of crowd) world.emulator.addRow(row);
  const frame = world.emulator.openFrame();
  const { html } = await post((frame.url ?? '').replace(/LANG=\w+/, `LANG=${language}`), frame.fields);
  expect(html.match(/<dt>/g)).toHaveLength(200);
  expect(html).toContain('<span class="count">253</span>');
  expect(html).toContain(`</dl>\n<p>${more}</p>`);
});

/** The page is answered before the work is done, and asks again when it is. */
async function askedLater(manifests: () => ReturnType<typeof manifest>): Promise<readonly [World, string]> {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const world = await aWorld({ limits: { pageWaitMs: 20 }, manifest: () => held.then(manifests) });
  await install(world, 'ui');
  const first = await openPage(world.emulator.openFrame());
  release();
  await world.installer.close();
  const ticket = /name="bitrix_events_retry" value="([^"]+)"/.exec(first.html)?.[1] ?? 'none';
  const { html } = await post(world.url, { bitrix_events_retry: ticket });
  return [world, html.slice(html.indexOf('<main'), html.indexOf('</main>'))];
}

test('of a success that is remembered it shows that it is one', async () => {
  const [world, html] = await askedLater(() => manifest());
  expect(html).toContain('main class="converged"');
  expect(html).not.toContain('<section');
  expect(world.hooked.map(([name]) => name)).toEqual(['onInstalled']);
});

/** What is left of the reasons. */
function again(code: string): string {
  return `<li>not everything could be bound; try again to see why <code>${code}</code></li>`;
}

test('of a failure that is remembered it shows the code, and nothing a portal or the application said', async () => {
  const [, html] = await askedLater(() => Promise.reject(new Error('no database')));
  expect(html).toContain('main class="failed"');
  expect(html).toContain(again('manifest-unavailable'));
  expect(html).not.toContain('<dl>');
});

test('and where single bindings failed, the code of the first', async () => {
  const [, html] = await askedLater(() => manifest(['OnNoSuchEvent']));
  expect(html).toContain(again('binding-blocked'));
  expect(html).not.toContain('ONNOSUCHEVENT');
});
