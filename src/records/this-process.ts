/** Who this process is to others that share a directory with it, and whether another one still lives. */
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/** What a lock file says about its holder. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Within which a process id means anything: containers may share a host name and not the ids. Empty where unknown. */
  readonly idSpace: string;
  /** When the process began, in the system's own count; tells a process from a later one with its id. Empty where unknown. */
  readonly started: string;
}

/** Whoever is asked about may live on a machine that cannot be asked. */
export type Liveness = 'alive' | 'dead' | 'elsewhere';

let known: ProcessIdentity | undefined;

/** The same for as long as it runs, and so found out once. */
export async function thisProcess(): Promise<ProcessIdentity> {
  const { pid } = process;
  if (known?.pid === pid) return known;
  const identity = { pid, host: hostname(), idSpace: await currentIdSpace(), started: (await statusOf(pid)).started };
  // Without descriptors nothing can be found out, and that does not stay so.
  if (identity.started !== '' && identity.idSpace !== '') known = identity;
  return identity;
}

export async function livenessOf(other: ProcessIdentity): Promise<Liveness> {
  const { host, idSpace } = await thisProcess();
  if (other.host !== host || other.idSpace !== idSpace) return 'elsewhere';
  if (!exists(other.pid)) return 'dead';
  const { started, hasEnded } = await statusOf(other.pid);
  if (hasEnded) return 'dead';
  return started === other.started || started === '' || other.started === '' ? 'alive' : 'dead';
}

/** Linux: this boot and this namespace of process ids. A rebooted machine or a new container is another one. */
async function currentIdSpace(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  return `${boot.trim()} ${namespace}`.trim();
}

/**
 * Linux: fields 3 and 22 of `stat`, counted after the command's name, which may itself hold spaces and parentheses.
 * A killed process whose parent has not collected it still answers to signals; its state is `Z`.
 */
async function statusOf(id: number): Promise<{ readonly started: string; readonly hasEnded: boolean }> {
  const text = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { started: fields[19] ?? '', hasEnded: fields[0] === 'Z' || fields[0] === 'X' };
}

function exists(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    // Not allowed to signal it: it is there, under another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
