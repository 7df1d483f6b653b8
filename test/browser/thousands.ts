/** What a verb over five thousand portals in every state came to, as a command returns it. */
import type { FleetOutcome } from '../../src/cli/result.ts';
import type { ItemProblem } from '../../src/core/fleet.ts';
import { shapeOf } from '../../src/core/fleet.ts';
import type { PortalName } from '../../src/core/rollout.ts';
import { Sum } from '../../src/fleet/sum.ts';
import { digest } from '../../src/reconcile/platform.ts';
import { aManifest, offline, online, planOf } from '../support/build.ts';

const base = 'https://app.example.com/b24';
const old = ['ONCRMDEALADD', 'ONCRMDEALUPDATE', 'ONCRMLEADADD'].map((event) => online(event, `${base}/crm?key=secret`));
const wanted = [
  ...old.map(({ event }) => online(event, `${base}/crm-2?key=secret`)),
  online('ONCRMDYNAMICITEMUPDATE_147', `${base}/items`),
  offline('ONTASKADD', 'erp'),
];
const refused = planOf({ bindings: wanted.slice(0, 3), owns: [`${base}/`] }, { live: wanted });
const plans = [
  planOf({ bindings: wanted, owns: [`${base}/`] }, { live: old }),
  planOf({ bindings: wanted, owns: [`${base}/`] }, {}),
  refused,
];

/** Means something to HTML, or to a reader from right to left. */
export const hostile = '<img src=x onerror=alert(1)>"\'&amp;\u202e</script>';

export const size = 5_000;

function problemOf(index: number, { domain }: PortalName): ItemProblem | undefined {
  switch (index % 500) {
    case 1:
    case 2:
      return {
        code: 'unreachable',
        message: `portal '${domain}' cannot be reached: connect ETIMEDOUT 203.0.113.7:443`,
        hint: 'Check BITRIX24_CLIENT_ENDPOINT and the network',
      };
    case 3:
      return {
        code: 'authorisation-lost',
        message: `the authorisation for portal '${domain}' is lost: ${hostile}`,
        hint: 'Log in again, give a new pair of tokens by environment, or install the application again',
      };
    case 4:
    case 5:
    case 6:
    case 7:
      return {
        code: 'payment-required',
        message: `portal '${domain}' has not paid for its subscription`,
        hint: 'The portal’s owner has to pay; until then it takes no calls',
      };
    case 8:
      return {
        code: 'too-many-unbinds',
        message: `the plan unbinds 12 of 14 bindings on '${domain}', the limit is 5`,
        hint: 'If that is what you want, run again with --allow-unbind 12',
      };
    case 9:
      return index === 9
        ? {
            code: 'damaged-store',
            message: `the record of '${domain}' cannot be read`,
            hint: 'Remove it, and let the portal be installed again',
          }
        : undefined;
    default:
      return undefined;
  }
}

/** @param verb `check` finds drift, `apply` has changed the same */
export function thousands(verb: 'apply' | 'check', portals = size): FleetOutcome {
  const sum = new Sum(verb, true);
  for (let index = 0; index < portals; index += 1) {
    const memberId = digest(`portal ${index}`).slice(0, 32);
    const domain =
      index === 9
        ? ''
        : index === 3
          ? `x${hostile}`
          : `${['acme', 'globex', 'initech', 'umbrella-trading-and-logistics'][index % 4]}-${index}.bitrix24.${['com', 'de', 'ru', 'pl'][(index >> 2) % 4]}`;
    const portal = { memberId, domain };
    const problem = problemOf(index, portal);
    if (problem !== undefined) {
      const state =
        problem.code === 'too-many-unbinds'
          ? verb === 'apply'
            ? 'failed'
            : 'succeeded'
          : /unreach|damaged/.test(problem.code)
            ? 'failed'
            : 'dead';
      const planned = problem.code === 'too-many-unbinds' ? { shape: shapeOf(refused, digest), sample: refused } : {};
      sum.add(portal, { state, problem, ...planned });
      continue;
    }
    const plan = plans[index % 10 === 0 ? 0 : index % 37 === 0 ? 1 : index % 491 === 0 ? 2 : plans.length];
    const shape = plan === undefined ? undefined : shapeOf(plan, digest);
    const verdicts = verb === 'apply' ? (['unchanged', 'converged'] as const) : (['in-sync', 'drift'] as const);
    sum.add(portal, {
      state: 'succeeded',
      verdict: verdicts[plan === undefined ? 0 : 1],
      ...(plan === undefined || shape === undefined ? {} : { shape, sample: plan }),
      hasWritten: verb === 'apply' && plan !== undefined,
    });
  }
  return {
    kind: 'fleet',
    fleet: sum.result(undefined, []),
    manifest: aManifest({
      name: 'crm-sync',
      environment: 'production',
      bindings: wanted.map((binding, index) => ({
        ...binding,
        position: { file: 'deploy/bitrix-events.yaml', line: index + 6, column: 5 },
      })),
      file: 'deploy/bitrix-events.yaml',
    }),
    rollout: '3f0f7f0e-5d0b-4a57-9c6c-6f1f7d3d2a11',
    chosen: '*',
    settled: 0,
    failsOnDead: false,
    results: 'rollout.ndjson',
    savedIn: undefined,
    createdAt: '2026-01-31T12:00:00.000Z',
    error: undefined,
  };
}
