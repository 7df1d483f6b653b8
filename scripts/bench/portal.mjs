/** A portal for the benchmarks: the emulator in a process of its own, so that its work counts for nobody else. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { environment } from './measure.mjs';

/** @param portal the emulator's options for its first portal */
export async function startPortal(portal) {
  const child = fork(fileURLToPath(new URL('portal-process.mjs', import.meta.url)), { env: environment });
  child.send(portal);
  const [ready] = await once(child, 'message');
  return {
    ready,
    env: { ...environment, ...ready.env },
    /** Everything but the latency back to the start. */
    reset: async (delayMs) => {
      await control(ready.url, 'reset', {});
      // `null` is for ever: JSON has no Infinity.
      await control(ready.url, 'fault', { kind: 'delay', delayMs, times: null });
    },
    requests: async () => (await control(ready.url, 'requests')).length,
    rows: async () => (await control(ready.url, 'state')).portals[0].rows.length,
    stop: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}

/** Without a body it looks, with one it acts. */
async function control(url, name, body) {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const answer = await fetch(`${url}/_emulator/${name}`, init);
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()).result;
}
