/** Problems of a portal as values: one for each thing that went wrong, each with a code that the README explains. */
import { describe, expect, it } from 'vitest';
import { ManifestError, PortalError, RefusedError } from '../../src/core/errors.ts';
import type { ChangeStatus, Report } from '../../src/core/report.ts';
import { problemsOf, problemsOfError } from '../../src/installer/problems.ts';

function aReport(status: ChangeStatus, more: Partial<Report> = {}): Report {
  const binding = {
    eventType: 'online',
    event: 'ONTASKADD',
    handler: 'https://a.example.com/?k=1',
    authType: 0,
  } as const;
  return {
    verdict: 'failed',
    manifest: { name: 'default', fingerprint: 'f', maxUnbind: 5 },
    portal: {
      memberId: 'm',
      clientEndpoint: 'https://acme.bitrix24.com/rest/',
      clientId: 'local.1.1',
      userId: 1,
      isAdmin: true,
      isInstalled: true,
    },
    visibility: 'all',
    results: [{ id: 'bind-1', action: 'bind', binding, status, message: 'why' }],
    kept: [],
    warnings: [],
    live: [],
    ...more,
  };
}

function told(report: Report | undefined, error?: PortalError) {
  return problemsOf({ report, error }).map(({ severity, code, message }) => [severity, code, message]);
}

const what = 'bind ONTASKADD on https://a.example.com/?…: why';

describe('of a portal', () => {
  it.each([
    ['failed', 'binding-failed'],
    ['blocked', 'binding-blocked'],
    ['not-attempted', 'binding-not-attempted'],
    ['unknown', 'binding-unknown'],
  ] as const)('a binding that is %s is one', (status, code) => {
    expect(told(aReport(status))).toEqual([['error', code, what]]);
    for (const { hint } of problemsOf({ report: aReport(status), error: undefined })) expect(hint).toMatch(/^.+[^.]$/);
  });

  it('that is as wanted there is none, and a warning for what is worth knowing', () => {
    expect(told(aReport('done', { verdict: 'converged' }))).toEqual([]);
    const warnings = [
      { code: 'not-installed', message: 'expected before the page has finished the installation' },
      { code: 'partial-view', message: 'sees a part', hint: 'ask an administrator' },
    ] as const;
    expect(told(aReport('already', { verdict: 'unchanged', warnings }))).toEqual([
      ['warning', 'partial-view', 'sees a part'],
    ]);
  });

  it('that is not as wanted there is always one', () => {
    const lost = 'the portal, read again, does not hold what the manifest asks for';
    expect(told(aReport('done', { verdict: 'partial' }))).toEqual([['error', 'not-as-wanted', lost]]);
    const warnings = [{ code: 'events-unknown', message: 'did not say' }] as const;
    expect(told(aReport('done', { verdict: 'partial', warnings }))).toEqual([
      ['error', 'not-as-wanted', lost],
      ['warning', 'events-unknown', 'did not say'],
    ]);
    expect(told(undefined)).toEqual([['error', 'unexpected-error', 'the installation broke off']]);
  });

  it('what stopped the work stands first', () => {
    const error = new PortalError({ code: 'authorisation-lost', message: 'gone' });
    expect(told(aReport('not-attempted'), error)).toEqual([
      ['error', 'authorisation-lost', 'gone'],
      ['error', 'binding-not-attempted', what],
    ]);
  });
});

describe('of an error', () => {
  it('every problem of a manifest is one, at its place', () => {
    const error = new ManifestError([
      {
        severity: 'error',
        code: 'missing-variable',
        message: 'HOST is not set',
        position: { file: 'a.yaml', line: 3, column: 5 },
        hint: 'Set it',
      },
      { severity: 'warning', code: 'insecure-handler', message: 'plain http', position: { file: 'a.yaml' } },
    ]);
    expect(problemsOfError(error)).toEqual([
      { severity: 'error', code: 'missing-variable', message: 'a.yaml:3:5  HOST is not set', hint: 'Set it' },
      { severity: 'warning', code: 'insecure-handler', message: 'a.yaml  plain http', hint: undefined },
    ]);
  });

  it('every objection is one, and a refusal without any is one itself', () => {
    const objections = [
      { code: 'left-empty', message: 'a', hint: 'b' },
      { code: 'too-many-unbinds', message: 'c', hint: 'd' },
    ] as const;
    expect(problemsOfError(new RefusedError(objections)).map(({ code, hint }) => [code, hint])).toEqual([
      ['left-empty', 'b'],
      ['too-many-unbinds', 'd'],
    ]);
    expect(problemsOfError(new RefusedError([], { code: 'conflict', message: 'm' }))).toEqual([
      { severity: 'error', code: 'conflict', message: 'm', hint: undefined },
    ]);
  });

  it('that nobody expected there is its name', () => {
    const messages = [new TypeError('x'), 'text', undefined].flatMap(problemsOfError).map(({ message }) => message);
    expect(messages).toEqual(['TypeError: x', 'text', 'undefined']);
  });
});
