/** Turns a draft without errors into the manifest that everything else relies on. */
import { optionsText, type Options } from '../core/binding.ts';
import { canonicalJson } from '../core/canonical-json.ts';
import type { Diagnostic, Position } from '../core/diagnostic.ts';
import type { Digest } from '../core/digest.ts';
import type { DesiredBinding, Manifest } from '../core/manifest.ts';
import type { Draft, DraftBinding } from './draft.ts';
import { portalPin } from './portal-pin.ts';
import type { Path } from './problem.ts';
import { rowsOf } from './rules/rules.ts';

interface Surroundings {
  readonly environment: string | undefined;
  readonly file: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly positionOf: (path: Path) => Position;
  readonly digest: Digest;
}

export function normalise(
  draft: Draft,
  { environment, file, diagnostics, positionOf, digest }: Surroundings,
): Manifest {
  const bindings = rowsOf(draft).map(({ event, binding, url, path }): DesiredBinding => {
    const common = { event, ...optionsOf(binding), position: positionOf(path) };
    if (binding.eventType === 'offline') {
      return { eventType: 'offline', authConnector: binding.authConnector?.value ?? '', ...common };
    }
    const authType = binding.authType === undefined ? {} : { authType: binding.authType.value };
    return { eventType: 'online', handler: url ?? '', ...authType, ...common };
  });
  const content: Content = {
    name: draft.name,
    ...(environment === undefined ? {} : { environment }),
    portals: draft.portals.map(({ value }) => portalPin(value) ?? value),
    ...(draft.scope === undefined ? {} : { scope: draft.scope.map(({ value }) => value.toLowerCase()) }),
    bindings,
    prune: draft.prune,
    owns: draft.owns.map(({ value }) => value),
    ignore: draft.ignore.map(({ value }) => value),
    maxUnbind: draft.maxUnbind,
  };
  return { ...content, fingerprint: digest(fingerprintText(content)), file, diagnostics };
}

type Content = Omit<Manifest, 'fingerprint' | 'file' | 'diagnostics'>;

/** The same for manifests that ask for the same: the order of bindings, portals, scopes and prefixes means nothing. */
function fingerprintText(content: Content): string {
  return canonicalJson({
    ...content,
    portals: content.portals.toSorted(),
    ...(content.scope === undefined ? {} : { scope: content.scope.toSorted() }),
    bindings: content.bindings.map(bindingText).sort(),
    owns: content.owns.toSorted(),
  });
}

function bindingText(binding: DesiredBinding): string {
  const { event, eventType } = binding;
  const target = eventType === 'online' ? [binding.handler, binding.authType ?? null] : [binding.authConnector];
  return JSON.stringify([event, eventType, ...target, optionsText(binding.options)]);
}

function optionsOf({ options }: DraftBinding): { readonly options?: Options } {
  if (options.length === 0) return {};
  return { options: Object.fromEntries(options.map(({ name, value }) => [name, value])) };
}
