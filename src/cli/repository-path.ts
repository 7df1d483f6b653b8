/** Files as the server of a pipeline names them. */
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { pipelineIn } from '../variables.ts';
import type { World } from './world.ts';

/** From the root of the repository, with forward slashes; undefined for standard input and for what is outside. */
export function pathInRepository(file: string, { cwd, env }: Pick<World, 'cwd' | 'env'>): string | undefined {
  if (file.startsWith('<')) return undefined;
  const path = relative(pipelineIn(env).workspace ?? cwd, resolve(cwd, file));
  const isOutside = path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path);
  return isOutside ? undefined : path.split(sep).join('/');
}
