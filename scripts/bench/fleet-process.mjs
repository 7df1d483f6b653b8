/** The process behind `fleet.mjs`: starts the emulator with so many portals, says how to reach them, and then what it has used. */
import { once } from 'node:events';
import { startEmulator } from '../../dist/emulator.js';

const [{ count, rows, host, latencyMs = 0 }] = await once(process, 'message');
const emulator = await startEmulator({ requestLog: 'off', host });
const portals = emulator.addPortals([{ count, rows, switches: { leakyBucket: false, latencyMs } }]);
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
process.on('message', (question) => {
  if (question === 'what a client asks') emulator.setRequestLog('whole');
  if (question === 'log nothing') emulator.setRequestLog('off');
  const [first] = emulator.requests;
  process.send({ cpuMs: cpuMs(), asked: first?.params, requests: emulator.requests.length });
  emulator.clearRequests();
});
process.send({
  clientId: emulator.clientId,
  clientSecret: emulator.clientSecret,
  oauthUrl: emulator.oauthUrl,
  portals: portals.map(({ memberId, clientEndpoint, accessToken, refreshToken }) => ({
    memberId,
    clientEndpoint,
    tokens: { accessToken, refreshToken },
  })),
});
