/** The question on a real terminal: stopped, continued, interrupted, left without an answer, closed. */
import { describe, expect, test } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { aPortal, type Cli } from './cli.ts';
import { noTerminal, onTerminal, program, type RanProcess } from './run-process.ts';

const question = 'Type yes to go on: ';
const asked = [process.execPath, program, 'apply', '--no-color'] as const;

async function ask(
  steps: readonly (readonly [string, string])[],
  more: readonly string[] = [],
): Promise<{ readonly cli: Cli; readonly emulator: Emulator; readonly ran: RanProcess }> {
  const [cli, emulator] = await aPortal();
  return { cli, emulator, ran: await onTerminal(cli, [...asked, ...more], steps, emulator.toEnv()) };
}

describe.skipIf(noTerminal !== undefined)(
  `on a terminal${noTerminal === undefined ? '' : ` (skipped: ${noTerminal})`}`,
  () => {
    test('yes is yes', async () => {
      const { emulator, ran } = await ask([[question, 'yes\\n']]);
      expect(ran.code, ran.out).toBe(0);
      expect(emulator.rows).toHaveLength(3);
      expect(ran.out).toContain('Converged: ');
    });

    test('the end of input is no answer, and no is none', async () => {
      for (const typed of ['\\x04', 'no\\n']) {
        const { emulator, ran } = await ask([[question, typed]]);
        expect(ran.code, ran.out).toBe(4);
        expect(ran.out).toContain('[declined]');
        expect(emulator.rows).toEqual([]);
      }
    });

    test.for(['\\x03', '@SIGTERM', '@SIGHUP', '@SIGINT'])(
      '%s at the question: nothing is changed, and it says so',
      async (typed) => {
        const { emulator, ran } = await ask([[question, typed]]);
        expect(ran.code, ran.out).toBe(130);
        expect(ran.out).toContain('Error: interrupted; nothing was changed  [interrupted]');
        expect(emulator.rows).toEqual([]);
      },
    );

    test('a terminal that goes away at the question', async () => {
      const { emulator, ran } = await ask([[question, '@close']]);
      // Ended by SIGHUP: an exit code would need a terminal to be set back.
      expect(ran.code).toBe(256 - 1);
      expect(emulator.rows).toEqual([]);
    });

    test('--timeout at the question', async () => {
      const { emulator, ran } = await ask([], ['--timeout', '3']);
      expect(ran.code, ran.out).toBe(1);
      expect(ran.out).toContain(question);
      expect(ran.out).toContain('Error: the command took longer than 3 seconds  [timeout]');
      expect(emulator.rows).toEqual([]);
    });

    test('a question that would go into a file is not asked', async () => {
      const [cli, emulator] = await aPortal();
      const ran = await onTerminal(cli, ['bash', '-c', `${asked.join(' ')} 2>errors`], [], emulator.toEnv());
      expect(ran.code).toBe(4);
      expect(await cli.read('errors')).toContain('[needs-answer]');
      expect(emulator.rows).toEqual([]);
    });

    test('Ctrl+Z and fg at the question: it still waits for its answer', async () => {
      const [cli, emulator] = await aPortal();
      const prompt = 'ready for more';
      const ran = await onTerminal(
        cli,
        ['bash', '--norc', '-i'],
        [
          [prompt, `${asked.join(' ')}\\n`],
          [question, '\\x1a'],
          [prompt, 'fg\\n'],
          ['--no-color', 'yes\\n'],
          [prompt, 'exit $?\\n'],
        ],
        { ...emulator.toEnv(), PROMPT_COMMAND: `echo ${prompt}`, HISTFILE: '/dev/null' },
      );
      expect(ran.out).toContain('Converged: ');
      expect(ran.code).toBe(0);
      expect(emulator.rows).toHaveLength(3);
    });
  },
);
