/** What a command is about, found out as early as it can be: a failure has to find the comment that an earlier result made. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { domainOf } from '../core/display.ts';
import type { Plan } from '../core/plan.ts';
import { credentialsIn, environmentIn } from '../variables.ts';
import type { Context } from './context.ts';
import type { About } from './result.ts';

export function learnOfPlan(context: Context, { manifest: { name, environment }, portal }: Plan): void {
  context.learn({ name, environment, portal: domainOf(portal.clientEndpoint) });
}

/** What the command has learnt and, where it had no time to, what it was told. */
export async function aboutFailure(context: Context): Promise<About> {
  const { options, about } = context;
  const project = await context.project().catch(() => undefined);
  if (project === undefined) return about;
  const { manifest, variables } = project;
  const endpoint = credentialsIn(variables).clientEndpoint ?? '';
  const told: About = {
    name: about.name ?? (manifest?.path === undefined ? undefined : await nameIn(manifest.path)),
    environment: options.environment ?? environmentIn(variables),
    portal: endpoint === '' ? options.portal?.[0] : domainOf(endpoint),
    file: manifest?.file,
  };
  return { ...told, ...about };
}

/** The name in a manifest that may not even be well-formed; what has none has the default one. */
async function nameIn(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const start = basename(path) === 'package.json' ? text.indexOf('"bitrix-events"') : 0;
  const [, name] = /^\s*["']?name["']?\s*:\s*["']?([\w.-]+)/m.exec(text.slice(Math.max(0, start))) ?? [];
  return name ?? 'default';
}
