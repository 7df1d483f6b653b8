/** Runs the program as it is installed, in a real process, with whatever stands behind its streams. */
import { type ChildProcess, spawn, spawnSync, type StdioOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Cli, Ran } from './cli.ts';

export const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export interface RanProcess extends Ran {
  readonly signal: string | null;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<RanProcess>;
}

/** With nothing but these variables and the PATH. */
export function startProcess(
  cli: Pick<Cli, 'directory'>,
  [command, ...argv]: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv = {},
  stdio: StdioOptions = ['ignore', 'pipe', 'pipe'],
): Running {
  const child = spawn(command, argv, { cwd: cli.directory, env: { PATH: process.env['PATH'], ...env }, stdio });
  let out = '';
  let err = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = new Promise<RanProcess>((resolve) => {
    child.on('close', (code, signal) => resolve({ code: code ?? -1, signal, out, err }));
  });
  return { child, ended };
}

/** In a shell, where `$b` is the program. */
export function inShell(cli: Pick<Cli, 'directory'>, script: string, env: NodeJS.ProcessEnv = {}): Promise<RanProcess> {
  return startProcess(cli, ['bash', '-c', `b="${process.execPath} ${program}"\n${script}`], env).ended;
}

/** Why there can be no terminal here, if so. */
export const noTerminal: string | undefined = hasPython()
  ? undefined
  : 'python3 with its pty module is needed for a terminal';

function hasPython(): boolean {
  return process.platform !== 'win32' && spawnSync('python3', ['-c', 'import pty, termios']).status === 0;
}

/**
 * Reads from the terminal and types into it, by a script: each line is what to wait for, a tab, and what to type then.
 * `@SIGTERM` as what to type is a signal to the foreground process, `@close` takes the terminal away.
 */
const driver = `
import os, pty, select, signal, sys, time
script = [line.split("\\t") for line in sys.argv[1].split("\\n") if line]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
seen, at = b"", 0
end = time.time() + 60
def step():
    global at
    while script:
        found = seen.find(script[0][0].encode(), at)
        if found < 0:
            return
        at = found + len(script[0][0].encode())
        typed = script.pop(0)[1]
        if typed == "@close":
            os.close(fd)
            return
        if typed.startswith("@"):
            os.killpg(os.tcgetpgrp(fd), getattr(signal, typed[1:]))
        else:
            os.write(fd, typed.encode().decode("unicode_escape").encode())
while time.time() < end:
    try:
        ready, _, _ = select.select([fd], [], [], 0.2)
    except (OSError, ValueError):
        break
    if ready:
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        seen += data
        step()
else:
    os.kill(pid, signal.SIGKILL)
sys.stdout.buffer.write(seen)
sys.stdout.flush()
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status) % 256)
`;

/** The program on a terminal of its own. `out` is all that the terminal shows. */
export function onTerminal(
  cli: Pick<Cli, 'directory'>,
  argv: readonly string[],
  steps: readonly (readonly [waitFor: string, type: string])[],
  env: NodeJS.ProcessEnv = {},
): Promise<RanProcess> {
  const script = steps.map((step) => step.join('\t')).join('\n');
  return startProcess(cli, ['python3', '-c', driver, script, ...argv], { TERM: 'xterm', ...env }).ended;
}
