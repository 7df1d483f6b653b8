/** The process behind `portal.mjs`: starts the emulator with the portal it is told, and says where it listens. */
import { once } from 'node:events';
import { startEmulator } from '../../dist/emulator.js';

const [portal] = await once(process, 'message');
const emulator = await startEmulator({ portal });
process.send({
  url: emulator.url,
  oauthUrl: emulator.oauthUrl,
  domain: emulator.domain,
  applicationToken: emulator.applicationToken,
  env: emulator.toEnv(),
});
