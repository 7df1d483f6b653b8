/** The text of a manifest for who has nothing bound yet. */
import { scalarText } from '../../manifest/binding-text.ts';

export interface FirstManifest {
  /** Where editors find the schema, as seen from the manifest. */
  readonly schema: string;
  readonly name: string;
  readonly handler: string | undefined;
  readonly events: readonly string[];
}

/** With neither handler nor events it asks for nothing, and shows in a comment how to. */
export function firstManifest({ schema, name, handler, events }: FirstManifest): string {
  return [
    `# yaml-language-server: $schema=${schema}`,
    'version: 1',
    `name: ${scalarText(name)}`,
    ...(handler === undefined ? [] : ['handlers:', `  app: ${scalarText(handler)}`]),
    ...(events.length === 0
      ? [
          '# For example:',
          '#   - event: [OnCrmDealAdd, OnCrmDealUpdate]',
          `#     handler: ${handler === undefined ? 'https://app.example.com/b24/crm' : 'app'}`,
          'bindings: []',
        ]
      : ['bindings:', ...events.flatMap((event) => [`  - event: ${scalarText(event)}`, '    handler: app'])]),
    '',
  ].join('\n');
}
