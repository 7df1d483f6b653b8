/** Every code a problem with the manifest can have, with its meaning and its cure. */

interface CodeFacts {
  readonly meaning: string;
  readonly cure: string;
}

export const manifestCodes = {
  'alias-bomb': {
    meaning: 'aliases blow the file up beyond any sensible size, or an alias contains itself',
    cure: 'write the repeated parts out, or name the URL under handlers',
  },
  'bad-handler-url': {
    meaning: 'a handler the portal would refuse: its scheme is not http or https in lower case, or its host has no dot',
    cure: 'write an absolute URL such as https://app.example.com/b24',
  },
  'bad-name': {
    meaning: 'the name, or the name of a handler, cannot be one',
    cure: "use letters, digits, '.', '_' and '-'; at most 50",
  },
  'bad-owns': {
    meaning: 'a prefix under owns is no URL with a host, or ends within the host',
    cure: 'write scheme, host and at least a slash: https://app.example.com/',
  },
  'bad-placeholder': {
    meaning: '${…} is not closed or holds something other than NAME or NAME:-default',
    cure: 'correct it, or write $${ for a literal ${',
  },
  'bad-portal': {
    meaning: 'portal is neither a domain nor a member_id',
    cure: 'write the domain without https:// and without a path: acme.bitrix24.com',
  },
  'binary-file': { meaning: 'the file holds a NUL character', cure: 'name a YAML or JSON text file' },
  'cannot-update': {
    meaning: 'the way the manifest is written does not let import --write change single bindings',
    cure: 'run import without --write and take over what you need',
  },
  'connector-on-online': {
    meaning: 'auth_connector on an online binding, where the portal keeps it and never shows it',
    cure: 'leave it away, or make the binding offline',
  },
  'declared-and-ignored': {
    meaning: 'a binding is asked for and also under ignore',
    cure: 'remove the binding or narrow the rule',
  },
  'deprecated-event': {
    meaning: 'Bitrix24 has deprecated the event (warning)',
    cure: 'use the replacement the hint names',
  },
  'duplicate-binding': {
    meaning: 'two bindings have the same event, event_type, handler, auth_type and auth_connector',
    cure: 'remove one of them',
  },
  'duplicate-key': { meaning: 'a map has the same key twice', cure: 'remove or rename one of them' },
  'empty-manifest': { meaning: 'the file holds nothing', cure: "write at least 'version: 1' and 'bindings: []'" },
  'empty-value': {
    meaning: 'a text, list or map that must hold something is empty',
    cure: 'fill it or remove its key',
  },
  'env-file': { meaning: 'the .env file beside the manifest cannot be read', cure: 'make it readable or remove it' },
  'event-outside-scope': {
    meaning: 'the scopes under scope do not grant the event',
    cure: 'add the scope the hint names, to the manifest and to the application',
  },
  'handler-too-long': { meaning: 'a handler is longer than 255 bytes', cure: 'shorten the URL' },
  'insecure-handler': { meaning: 'a handler is plain http (warning)', cure: 'use https' },
  'is-directory': { meaning: 'the manifest is a directory', cure: 'name the file in it' },
  'missing-handler': { meaning: 'an online binding has no handler', cure: 'add one, or make the binding offline' },
  'missing-key': { meaning: 'a required key is missing', cure: 'add it' },
  'missing-variable': {
    meaning: 'an environment variable the manifest needs is not set',
    cure: 'set it, put it into .env beside the manifest, or write ${NAME:-default}',
  },
  'no-manifest': { meaning: 'no manifest was found', cure: 'run init, or name the file with --manifest' },
  'not-utf8': { meaning: 'the file is not UTF-8', cure: 'save it as UTF-8' },
  'offline-auth-type': {
    meaning: 'auth_type on an offline binding, where the portal ignores it',
    cure: 'remove it',
  },
  'offline-handler': { meaning: 'a handler on an offline binding, which has none', cure: 'remove one of the two' },
  'offline-impossible': { meaning: 'the event cannot be bound offline', cure: 'bind it online' },
  'option-range': { meaning: 'the value of an option is too small', cure: 'use at least the value the message names' },
  'option-type': { meaning: 'the value of an option is of the wrong type', cure: 'write a whole number' },
  'protected-event': {
    meaning: 'the platform makes the bindings of this event itself',
    cure: 'remove it from the manifest',
  },
  'several-documents': { meaning: 'the file holds several YAML documents', cure: 'keep one' },
  'similar-handlers': {
    meaning: 'two handlers of one event that a portal cannot keep apart: equal in 180 bytes or but for letter case',
    cure: 'make the beginnings of the two URLs differ, or remove one',
  },
  'too-large': { meaning: 'the file is larger than 1 MiB', cure: 'split it into several manifests' },
  'unknown-environment': { meaning: 'the chosen environment is not in the manifest', cure: 'choose one that is' },
  'unknown-event': {
    meaning: 'the event is not in the catalogue: an error when scope is given, else a warning',
    cure: 'correct the name; bitrix-events events lists them',
  },
  'unknown-handler': {
    meaning: 'a handler is neither a name under handlers nor a URL',
    cure: 'correct the name or add it under handlers',
  },
  'unknown-key': { meaning: 'a key that means nothing at this place', cure: 'correct or remove it' },
  'unknown-option': { meaning: 'an option the event does not know', cure: 'correct or remove it' },
  'unknown-tag': { meaning: 'a YAML tag such as !Ref, which means nothing here', cure: 'remove the tag' },
  'unknown-value': { meaning: 'a value that is not one of the possible ones', cure: 'use one the message names' },
  'unreadable-manifest': {
    meaning: 'the file is missing or cannot be opened',
    cure: 'check the path and its permissions',
  },
  'unsupported-version': { meaning: 'a version of the format other than 1', cure: "write 'version: 1'" },
  'value-too-large': { meaning: 'a number above its largest value', cure: 'use at most the value the message names' },
  'value-too-small': { meaning: 'a number below its least value', cure: 'use at least the value the message names' },
  'wrong-type': { meaning: 'a value of the wrong type', cure: 'write what the message expects' },
  'yaml-syntax': { meaning: 'the file is not well-formed YAML or JSON', cure: 'correct the place the message names' },
} as const satisfies Readonly<Record<string, CodeFacts>>;

export type ManifestCode = keyof typeof manifestCodes;
