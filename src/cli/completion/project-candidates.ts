/** What a project has to propose: the environments of its manifest, the portals of its store. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { domainOf } from '../../core/display.ts';
import { openStoreAt } from '../../connect.ts';
import { findProject } from '../../manifest/project.ts';
import { absoluteStore, keysOf, storeOf } from '../../surroundings.ts';
import type { World } from '../world.ts';
import type { Candidate } from './sources.ts';

/** Nobody reads through more. */
const most = 200;

export async function environmentCandidates(words: readonly string[], world: World): Promise<readonly Candidate[]> {
  const path = (await projectOf(words, world)).manifest?.path;
  if (path === undefined) return [];
  const { parse } = await import('yaml');
  const root: unknown = parse(await readFile(path, 'utf8'), { logLevel: 'silent' });
  const manifest = basename(path) === 'package.json' ? fieldOf(root, 'bitrix-events') : root;
  const environments = fieldOf(manifest, 'environments');
  if (typeof environments !== 'object' || environments === null) return [];
  return Object.keys(environments)
    .slice(0, most)
    .map((value) => ({ value, description: '' }));
}

export async function portalCandidates(words: readonly string[], world: World): Promise<readonly Candidate[]> {
  const project = await projectOf(words, world);
  const given = valueOf(['--store'], words);
  const store = openStoreAt(given === undefined ? storeOf(project) : absoluteStore(given, world.cwd), {
    keys: keysOf(project),
  });
  const found: Candidate[] = [];
  for await (const memberId of store.memberIds()) {
    const record = await store.inspect(memberId).catch(() => undefined);
    const domain = record?.clientEndpoint === undefined ? undefined : domainOf(record.clientEndpoint);
    found.push(domain === undefined ? { value: memberId, description: '' } : { value: domain, description: memberId });
    if (found.length === most) break;
  }
  return found;
}

function projectOf(words: readonly string[], { cwd, env }: World) {
  return findProject({ cwd, env, file: valueOf(['--manifest', '-m'], words) });
}

/** As it stands on the command line, behind a space or behind `=`. */
function valueOf(names: readonly string[], words: readonly string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    if (names.includes(word)) return words[index + 1];
    const name = names.find((one) => word.startsWith(`${one}=`));
    if (name !== undefined) return word.slice(name.length + 1);
  }
  return undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
