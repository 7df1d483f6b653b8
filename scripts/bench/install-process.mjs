/** One installation in a process of its own: `sdk MANIFEST` or `library MANIFEST STORE`; prints the milliseconds it took. */
import { readFileSync } from 'node:fs';

const [way, file, store] = process.argv.slice(2);
const { env } = process;
const install = way === 'sdk' ? await bySdk() : await byLibrary();
const started = performance.now();
await install();
console.log(JSON.stringify({ wallMs: performance.now() - started }));

/** As the SDK's documentation has it: one call for every handler, each awaited. */
async function bySdk() {
  const { B24OAuth, EnumAppStatus } = await import('@bitrix24/b24jssdk');
  const { bindings } = JSON.parse(readFileSync(file, 'utf8'));
  return async () => {
    const sdk = new B24OAuth(
      {
        applicationToken: env.BENCH_APPLICATION_TOKEN,
        userId: 1,
        memberId: env.BITRIX24_MEMBER_ID,
        accessToken: env.BITRIX24_ACCESS_TOKEN,
        refreshToken: env.BITRIX24_REFRESH_TOKEN,
        expires: Math.floor(Date.now() / 1000) + 3600,
        expiresIn: 3600,
        scope: 'crm',
        domain: env.BENCH_DOMAIN,
        clientEndpoint: env.BITRIX24_CLIENT_ENDPOINT,
        serverEndpoint: `${env.BITRIX24_OAUTH_URL}/rest/`,
        status: EnumAppStatus.Local,
      },
      { clientId: env.BITRIX24_CLIENT_ID, clientSecret: env.BITRIX24_CLIENT_SECRET },
    );
    sdk.offClientSideWarning();
    for (const params of bindings) {
      const answer = await sdk.actions.v2.call.make({ method: 'event.bind', params });
      if (!answer.isSuccess) throw new Error(answer.getErrorMessages().join('; '));
    }
  };
}

async function byLibrary() {
  const { apply, connect, loadManifest } = await import('../../dist/index.js');
  return async () => {
    const manifest = await loadManifest({ file, cwd: process.cwd(), env: {} });
    const connection = await connect({
      credentials: {
        clientEndpoint: env.BITRIX24_CLIENT_ENDPOINT,
        accessToken: env.BITRIX24_ACCESS_TOKEN,
        refreshToken: env.BITRIX24_REFRESH_TOKEN,
        clientId: env.BITRIX24_CLIENT_ID,
        clientSecret: env.BITRIX24_CLIENT_SECRET,
        memberId: env.BITRIX24_MEMBER_ID,
        oauthUrl: env.BITRIX24_OAUTH_URL,
      },
      store: `file:${store}`,
    });
    try {
      const { report } = await apply(manifest, connection);
      if (report.verdict !== 'converged') throw new Error(`the installation is ${report.verdict}`);
    } finally {
      await connection.close();
    }
  };
}
