/** What the runner of GitHub Actions makes of what is printed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Result } from '../../../src/cli/result.ts';
import { harmless, outputsText, stepOutputs } from '../../../src/cli/render/github.ts';
import { type Manner, render } from '../../../src/cli/render/renderers.ts';
import { plain } from '../../../src/cli/render/style.ts';
import type { Diagnostic } from '../../../src/core/diagnostic.ts';
import { digest } from '../../support/build.ts';
import { type Command, readCommands } from './reads.ts';
import { hostile, scenarios } from './scenarios.ts';

const manner: Manner = { style: plain, isVerbose: false, columns: 80, maxLength: 60_000, pathOf: (file) => file };

async function annotations(result: Result, how: Partial<Manner> = {}): Promise<readonly Command[]> {
  const log = await render(result, 'github', { ...manner, ...how });
  return readCommands(log ?? '').slice(2);
}

function validation(count: number, severity: Diagnostic['severity'] = 'error'): Result {
  const diagnostics = Array.from({ length: count }, (_, index): Diagnostic => {
    return {
      severity,
      code: 'unknown-key',
      message: `key ${index}`,
      position: { file: 'm.yaml', line: index + 1, column: 3 },
    };
  });
  return { kind: 'validation', inspection: { diagnostics, file: 'm.yaml' } };
}

describe('annotations', () => {
  it('are at most nine of a kind and one that says how many more there are', async () => {
    expect(await annotations(validation(9))).toHaveLength(9);
    const ten = await annotations(validation(10));
    expect(ten).toHaveLength(10);
    expect(ten.at(-1)).toEqual({
      name: 'error',
      properties: { title: 'bitrix-events' },
      data: 'and 1 more: the log of this step has all of them',
    });
    expect((await annotations(validation(500))).at(-1)?.data).toMatch(/^and 491 more/);
  });

  it('never stand on line 0: without a line they are on the file, without a file on none', async () => {
    const at = (position: Diagnostic['position']): Result => {
      const diagnostics: readonly Diagnostic[] = [{ severity: 'error', code: 'unknown-key', message: 'm', position }];
      return { kind: 'validation', inspection: { diagnostics, file: 'm.yaml' } };
    };
    const propertiesAt = async (position: Diagnostic['position'], how: Partial<Manner> = {}) =>
      (await annotations(at(position), how))[0]?.properties;
    const title = 'bitrix-events: unknown-key';
    expect(await propertiesAt({ file: 'm.yaml', line: 3, column: 9 })).toEqual({
      file: 'm.yaml',
      line: '3',
      col: '9',
      title,
    });
    expect(await propertiesAt({ file: 'm.yaml', line: 0, column: 0 })).toEqual({ file: 'm.yaml', title });
    expect(await propertiesAt({ file: 'm.yaml' })).toEqual({ file: 'm.yaml', title });
    expect(await propertiesAt({ file: '<stdin>', line: 3 }, { pathOf: () => undefined })).toEqual({ title });
  });

  it('escape what ends a property, a line or a command', async () => {
    const [annotation] = await annotations({
      kind: 'validation',
      inspection: {
        diagnostics: [
          {
            severity: 'error',
            code: 'unknown-key',
            message: '100%, a:b\n::warning::c',
            position: { file: 'a,b:c%.yaml', line: 1 },
          },
        ],
        file: 'a,b:c%.yaml',
      },
    });
    expect(annotation).toEqual({
      name: 'error',
      properties: { file: 'a,b:c%.yaml', line: '1', title: 'bitrix-events: unknown-key' },
      data: '100%, a:b\n::warning::c',
    });
  });

  it('are worst first, and of what moved one', async () => {
    const partial = await annotations(scenarios['partial'] as Result);
    expect(partial.map(({ name }) => name)).toEqual(['error', 'error', 'error', 'warning']);
    const moved = await annotations(scenarios['moved'] as Result);
    expect(moved).toHaveLength(1);
    expect(moved[0]).toMatchObject({ name: 'notice', properties: { line: expect.stringMatching(/^\d+$/) as string } });
    expect(moved[0]?.data).toMatch(
      /^move: 27 events, https:\/\/app.example.com\/b24\/crm -> https:\/\/app.example.com\/b24\/crm2\n/,
    );
  });
});

it('foreign text in the log is no command', () => {
  expect(readCommands(harmless(`${hostile}\n  ::add-mask::x\n::set-output name=a::b`))).toEqual([]);
  expect(harmless('a::b\n https://x')).toBe('a::b\n https://x');
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(':', '#', '[', '\n', ' ', '\t', 'error', ']') }), (text) => {
      expect(readCommands(harmless(text))).toEqual([]);
    }),
  );
});

describe('outputs', () => {
  const read = (text: string): Record<string, string> => {
    const found: Record<string, string> = {};
    let rest = text;
    while (rest !== '') {
      const [, name = '', delimiter = ''] = /^([\w-]+)<<(\w+)\n/.exec(rest) ?? [];
      const start = name.length + delimiter.length + 3;
      const end = rest.indexOf(`\n${delimiter}\n`, start - 1);
      found[name] = rest.slice(start, end);
      rest = rest.slice(end + delimiter.length + 2);
    }
    return found;
  };

  it('tell verdict, exit code, counts, saved plan and fingerprint', () => {
    expect(read(outputsText(stepOutputs(scenarios['first-plan'] as Result, 'changes'), digest))).toEqual({
      verdict: 'changes',
      'exit-code': '2',
      binds: '4',
      unbinds: '0',
      rebinds: '0',
      blocked: '0',
      'plan-file': 'my.plan',
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    expect(stepOutputs(scenarios['in-sync'] as Result, 'done')).toMatchObject({ verdict: 'in-sync', 'exit-code': '0' });
    expect(stepOutputs(scenarios['drift'] as Result, 'changes')).toMatchObject({ verdict: 'drift', unbinds: '1' });
    expect(stepOutputs(scenarios['partial'] as Result, 'half-way')).toMatchObject({
      verdict: 'partial',
      'exit-code': '3',
    });
    expect(stepOutputs(scenarios['valid-manifest'] as Result, 'done')).toMatchObject({ verdict: 'valid', binds: '' });
    expect(stepOutputs(scenarios['refused'] as Result, 'refused')).toEqual({
      verdict: 'refused',
      'exit-code': '4',
      binds: '',
      unbinds: '',
      rebinds: '',
      blocked: '',
      'plan-file': '',
      fingerprint: '',
    });
  });

  it('come out as they went in, whatever a file is called', () => {
    const outputs = { verdict: 'changes', 'plan-file': 'a\nverdict<<EOF\nin-sync\nEOF\n', fingerprint: '' };
    expect(read(outputsText(outputs, digest))).toEqual(outputs);
  });
});
