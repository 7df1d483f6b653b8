/** Turns a draft without errors into the manifest that everything else relies on. */
import { optionsText, type Options } from '../core/binding.ts';
import { canonicalJson, type Digest } from '../core/fingerprint.ts';
import type { Diagnostic, Position } from '../core/diagnostic.ts';
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
    switch (binding.eventType) {
      case 'online':
      case undefined: {
        // An unknown kind is an error, and a draft with errors does not come here.
        const authType = binding.authType === undefined ? {} : { authType: binding.authType.value };
        return { eventType: 'online', handler: url ?? '', ...authType, ...common };
      }
      case 'offline':
        return { eventType: 'offline', authConnector: binding.authConnector?.value ?? '', ...common };
    }
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
  let fingerprint: string | undefined;
  return {
    ...content,
    // Only when it is asked for: judging a manifest needs none, and to load what hashes takes longer than to judge.
    get fingerprint() {
      return (fingerprint ??= digest(fingerprintText(content)));
    },
    file,
    diagnostics,
  };
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
  return JSON.stringify([binding.event, binding.eventType, ...targetOf(binding), optionsText(binding.options)]);
}

function targetOf(binding: DesiredBinding): readonly (string | number | null)[] {
  switch (binding.eventType) {
    case 'online':
      return [binding.handler, binding.authType ?? null];
    case 'offline':
      return [binding.authConnector];
  }
}

function optionsOf({ options }: DraftBinding): { readonly options?: Options } {
  if (options.length === 0) return {};
  return { options: Object.fromEntries(options.map(({ name, value }) => [name, value])) };
}
