/** Bindings, plans and reports as JSON: what goes in comes out, fingerprints are stable, and nothing shown holds a secret. */
import { describe, expect, it } from 'vitest';
import {
  bindingFromJson,
  bindingToJson,
  planFingerprint,
  planFromJson,
  type PlanJson,
  planToJson,
  reportToJson,
} from '../../src/core/documents.ts';
import { canonicalJson } from '../../src/core/fingerprint.ts';
import { displayUrl } from '../../src/core/display.ts';
import { A, administrator, digest, ledgerOf, ledgers, offline, online, planOf } from '../support/build.ts';

const secretUrl = 'https://user:pw@app.example.com/x?key=secret#part';
const createdAt = '2026-01-02T03:04:05.000Z';

describe('a binding as JSON', () => {
  it.each([
    [online('ONTASKADD', A), { event: 'ONTASKADD', event_type: 'online', handler: A, auth_type: 0 }],
    [
      online('ONOFFLINEEVENT', A, 15, { minTimeout: 5 }),
      { event: 'ONOFFLINEEVENT', event_type: 'online', handler: A, auth_type: 15, options: { minTimeout: 5 } },
    ],
    [offline('ONTASKADD'), { event: 'ONTASKADD', event_type: 'offline' }],
    [offline('ONTASKADD', 'erp'), { event: 'ONTASKADD', event_type: 'offline', auth_connector: 'erp' }],
  ])('has the names of the REST API and reads back: %j', (binding, json) => {
    expect(bindingToJson(binding, 'whole')).toEqual(json);
    expect(bindingFromJson(bindingToJson(binding, 'whole'))).toEqual(binding);
  });

  it('shows a handler without what may be secret', () => {
    expect(bindingToJson(online('ONTASKADD', secretUrl), 'display').handler).toBe('https://…@app.example.com/x?…');
    expect(bindingToJson(online('ONTASKADD', secretUrl), 'whole').handler).toBe(secretUrl);
  });
});

it.each([
  ['https://a.b/x', 'https://a.b/x'],
  ['https://a.b/x?', 'https://a.b/x?…'],
  ['https://a.b/x?k=1&l=2', 'https://a.b/x?…'],
  ['https://a.b/x#k', 'https://a.b/x?…'],
  ['https://a.b/x?k=1\n2', 'https://a.b/x?…'],
  ['https://u@a.b/x', 'https://…@a.b/x'],
  ['https://u:p@ss@a.b/x', 'https://…@a.b/x'],
  ['HTTPS://u:p@a.b', 'HTTPS://…@a.b'],
  ['https://a.b/x@y', 'https://a.b/x@y'],
  ['https://a.b?u=https://u:p@a.b', 'https://a.b?…'],
])('%j is shown as %j', (url, shown) => {
  expect(displayUrl(url)).toBe(shown);
});

it('canonical JSON does not depend on the order of fields, keeps the order of lists and leaves undefined out', () => {
  expect(canonicalJson({ b: [{ z: 1, a: 2 }, 3], a: null, c: undefined })).toBe('{"a":null,"b":[{"a":2,"z":1},3]}');
  expect(canonicalJson({ a: 1, b: 2 })).toBe(canonicalJson({ b: 2, a: 1 }));
  expect(canonicalJson([2, 1])).not.toBe(canonicalJson([1, 2]));
  expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"d":1,"c":2}}'))).toBe('{"__proto__":{"c":2,"d":1},"b":1}');
});

/** Holds something in every place of a plan. */
const fullPlan = planOf(
  {
    name: 'crm-sync',
    environment: 'staging',
    bindings: [
      online('ONCRMDEALADD', secretUrl),
      online('ONTASKADD', secretUrl),
      online('ONLEADADD', A),
      online('ONOFFLINEEVENT', A, 0, { minTimeout: 5 }),
      offline('ONCRMDEALADD', 'erp'),
    ],
    ignore: [{ event: 'ONIMBOT*', handler: 'https://user:pw@bots.example.com/?key=secret*' }],
  },
  {
    portal: { ...administrator, isInstalled: undefined },
    live: [
      online('ONTASKADD', secretUrl),
      online('ONOFFLINEEVENT', A),
      online('ONCRMDEALADD', `${secretUrl}/old`),
      online('ONCRMDEALADD', `${secretUrl}/old`),
      online('ONIMBOTX', 'https://user:pw@bots.example.com/?key=secret'),
    ],
    offeredEvents: new Set(['ONCRMDEALADD', 'ONTASKADD', 'ONOFFLINEEVENT']),
    ledgers: ledgers({
      'crm-sync': ledgerOf(
        online('ONCRMDEALADD', `${secretUrl}/old`),
        online('ONOFFLINEEVENT', A, 0, { minTimeout: 6 }),
      ),
    }),
  },
);

describe('a plan as JSON', () => {
  it('is complete in the test', () => {
    expect(fullPlan.summary).toEqual({ bind: 2, rebind: 1, unbind: 1, keep: 2, blocked: 1 });
    expect(fullPlan.changes.at(-1)).toMatchObject({ rows: 2, dependsOn: ['bind-2'] });
  });

  it('reads back from its file as the same plan', () => {
    const text = JSON.stringify(planToJson(fullPlan, createdAt, 'whole', digest));
    expect(planFromJson(JSON.parse(text) as PlanJson)).toEqual(fullPlan);
  });

  it('is fingerprinted without the time and with whole URLs, in either form', () => {
    const whole = planToJson(fullPlan, createdAt, 'whole', digest);
    const shown = planToJson(fullPlan, '2030-01-01T00:00:00.000Z', 'display', digest);
    expect(whole.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(shown.fingerprint).toBe(whole.fingerprint);
    expect(planFingerprint(planFromJson(whole), digest)).toBe(whole.fingerprint);
  });

  it('has another fingerprint when only what is not shown of a URL differs', () => {
    const of = (handler: string) => planFingerprint(planOf({ bindings: [online('ONTASKADD', handler)] }), digest);
    expect(of('https://a.b/?key=1')).not.toBe(of('https://a.b/?key=2'));
  });

  it('has another fingerprint when anything in it differs', () => {
    const { fingerprint, ...rest } = planToJson(fullPlan, createdAt, 'whole', digest);
    const others = [
      { ...rest, visibility: 'own' as const },
      { ...rest, portal: { ...rest.portal, userId: 2 } },
      { ...rest, manifest: { ...rest.manifest, maxUnbind: 6 } },
      { ...rest, changes: rest.changes.slice(1) },
      { ...rest, kept: rest.kept.slice(1) },
      { ...rest, blocked: [] },
      { ...rest, live: rest.live.slice(1) },
      { ...rest, warnings: [] },
    ].map((json) => planFingerprint(planFromJson({ ...json, fingerprint }), digest));
    expect(new Set([fingerprint, ...others]).size).toBe(others.length + 1);
  });

  it('shows no secret, in no field', () => {
    const text = JSON.stringify(planToJson(fullPlan, createdAt, 'display', digest));
    expect(text).not.toMatch(/secret|user:pw/);
    expect(text).toContain('https://…@app.example.com/x?…');
  });

  it('opens with its format and keeps what is not known as null', () => {
    const json = planToJson(fullPlan, createdAt, 'display', digest);
    expect([json.format, json.createdAt, json.portal.isInstalled]).toEqual([1, createdAt, null]);
  });
});

it('a report as JSON counts every status, names what is not known, and shows no secret', () => {
  const binding = online('ONTASKADD', secretUrl);
  const shown = { event: 'ONTASKADD', event_type: 'online', handler: 'https://…@app.example.com/x?…', auth_type: 0 };
  const { manifest, portal } = fullPlan;
  const json = reportToJson({
    verdict: 'partial',
    manifest,
    portal,
    visibility: 'all',
    results: [
      { id: 'bind-1', action: 'bind', binding, status: 'done' },
      { id: 'bind-2', action: 'bind', binding, status: 'not-attempted', message: 'why' },
    ],
    kept: [{ binding, verdict: 'in-sync', reason: 'bound as wanted' }],
    warnings: [],
    live: [binding],
  });
  expect(json).toEqual({
    format: 1,
    verdict: 'partial',
    manifest,
    portal: { ...portal, isInstalled: null },
    visibility: 'all',
    summary: { done: 1, already: 0, failed: 0, blocked: 0, 'not-attempted': 1, unknown: 0 },
    changes: [
      { id: 'bind-1', action: 'bind', binding: shown, status: 'done' },
      { id: 'bind-2', action: 'bind', binding: shown, status: 'not-attempted', message: 'why' },
    ],
    kept: [{ binding: shown, verdict: 'in-sync', reason: 'bound as wanted' }],
    warnings: [],
    live: [shown],
  });
});
