/** Every code an error, a problem, a warning or an objection can have, with its meaning and its cure. Only what shows them loads this file. */

export interface CodeFacts {
  /** What it means, in one line of Markdown without a full stop. */
  readonly meaning: string;
  /** What to do about it. */
  readonly cure: string;
}

export const codes = {
  'access-denied': {
    meaning: 'the portal denies the access',
    cure: 'use an administrator’s token; check that the portal’s plan includes REST',
  },
  'alias-bomb': {
    meaning: 'aliases blow the file up beyond any sensible size, or an alias contains itself',
    cure: 'write the repeated parts out, or name the URL under handlers',
  },
  'ambiguous-portal': {
    meaning: 'the store has several portals that fit',
    cure: 'name one with `--portal`',
  },
  'application-not-found': {
    meaning: 'the application is not installed on the portal',
    cure: 'install it again',
  },
  'authorisation-expired': {
    meaning: 'the access token has expired, and what a refresh needs was not given',
    cure: 'set the variable the message names',
  },
  'authorisation-lost': {
    meaning: 'the refresh token does not work any more, or never did',
    cure: 'log in or install the application again, and give the new tokens',
  },
  'authorisation-refused': {
    meaning: 'the authorisation server refuses for another reason',
    cure: 'log in or install the application again',
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
    meaning: '`${…}` is not closed or holds something other than NAME or NAME:-default',
    cure: 'correct it, or write `$${` for a literal `${`',
  },
  'bad-portal': {
    meaning: 'portal is neither a domain nor a member_id',
    cure: 'write the domain without https:// and without a path: acme.bitrix24.com',
  },
  'bad-redirect': {
    meaning: 'the portal redirects to an address that must not get a token',
    cure: 'if the portal was renamed, set its new address',
  },
  'binary-file': {
    meaning: 'the file holds a NUL character',
    cure: 'name a YAML or JSON text file',
  },
  'binding-blocked': {
    meaning: 'a binding cannot be made or removed on this portal',
    cure: 'the reason stands beside it: change the manifest, the application’s scopes or the portal',
  },
  'binding-failed': {
    meaning: 'the portal refused a binding',
    cure: 'the portal’s words stand beside it; correct what they name and install again',
  },
  'binding-not-attempted': {
    meaning: 'the work ended before it came to this binding',
    cure: 'install or open the application again',
  },
  'binding-unknown': {
    meaning: 'no readable answer came about a binding, and the portal could not be read again',
    cure: 'install or open the application again: the portal is read first',
  },
  'body-consumed': {
    meaning: 'installer.verify was given a request whose body somebody has read and not left behind',
    cure: 'give it the parsed body or the text instead, or ask before reading',
  },
  'cannot-import': {
    meaning: 'what is live cannot be written as a manifest that plan accepts',
    cure: 'the hint names the row; take over the others from `import` without `--write`',
  },
  'cannot-update': {
    meaning: 'the way the manifest is written does not let import --write change single bindings',
    cure: 'run import without --write and take over what you need',
  },
  'cannot-write-stdin': {
    meaning: '`import --write` with the manifest on standard input',
    cure: 'name a file, or leave `--write` out',
  },
  'confirmation-needed': {
    meaning: 'an administrator has to allow the method first',
    cure: 'ask an administrator of the portal',
  },
  conflict: {
    meaning: 'rows that a reviewed plan counts on came or went since',
    cure: 'plan again and review the new plan',
  },
  'connector-on-online': {
    meaning: 'auth_connector on an online binding, where the portal keeps it and never shows it',
    cure: 'leave it away, or make the binding offline',
  },
  'damaged-plan': {
    meaning: 'a file is no saved plan, or was changed by hand',
    cure: 'save a new one with `plan --out`',
  },
  'damaged-results': {
    meaning: 'a file holds no results of a rollout',
    cure: 'name one written with `--results`, or start anew',
  },
  'damaged-store': {
    meaning: 'a record of the store cannot be read; it is left as it is',
    cure: 'restore it, or move it away and give the tokens again',
  },
  'declared-and-ignored': {
    meaning: 'a binding is asked for and also under ignore',
    cure: 'remove the binding or narrow the rule',
  },
  declined: {
    meaning: 'the question was not answered with yes',
    cure: 'nothing to do: nothing was changed',
  },
  'deprecated-event': {
    meaning: 'Bitrix24 has deprecated the event (warning)',
    cure: 'use the replacement the hint names',
  },
  'doctor-address': {
    meaning: '`doctor`: whether the portal still answers where it is asked',
    cure: 'set `BITRIX24_CLIENT_ENDPOINT` to the address it has now',
  },
  'doctor-administrator': {
    meaning: '`doctor`: whether the user of the token is an administrator, who alone sees every binding',
    cure: 'use the token of an administrator',
  },
  'doctor-application': {
    meaning:
      '`doctor`: whether the application’s client id and secret are there, without which no token can be refreshed',
    cure: 'set `BITRIX24_CLIENT_ID` and `BITRIX24_CLIENT_SECRET`',
  },
  'doctor-clock': {
    meaning: '`doctor`: whether the clocks of the portal and of this machine agree',
    cure: 'set the clock of this machine by a time server',
  },
  'doctor-connectors': {
    meaning: '`doctor`: whether the portal’s plan has the queues of their own that the manifest asks for',
    cure: 'take `auth_connector` out of the manifest, or change the plan',
  },
  'doctor-credentials': {
    meaning: '`doctor`: whether there are tokens, in the environment or in the store',
    cure: 'set the variables the message names, or log in',
  },
  'doctor-events': {
    meaning: '`doctor`: whether the portal offers the application every event of the manifest',
    cure: 'grant the application the scopes of those events, or take them out',
  },
  'doctor-handler': {
    meaning:
      '`doctor`: whether a handler’s host is found and answers, without redirects and in time; asked by a HEAD request without a query',
    cure: 'look at the handler’s server, and bind the address it answers at',
  },
  'doctor-handler-tls': {
    meaning: '`doctor`: whether a handler’s certificate is valid, and for how long',
    cure: 'renew the certificate',
  },
  'doctor-installed': {
    meaning: '`doctor`: whether the application’s installation is finished; until then no event is delivered',
    cure: 'finish it: the installation page has to call BX24.installFinish()',
  },
  'doctor-limits': {
    meaning: '`doctor`: how much of its operating time the portal says the application has used up',
    cure: 'make fewer or lighter calls; a method opens again within ten minutes',
  },
  'doctor-manifest': {
    meaning: '`doctor`: whether there is a manifest and it is valid',
    cure: 'run `validate`, which names every place',
  },
  'doctor-offline': {
    meaning: '`doctor`: whether the portal’s plan lets an offline queue be read without emptying it',
    cure: 'read it with `clear=1`, and lose nothing after that, or change the plan',
  },
  'doctor-payment': {
    meaning: '`doctor`: whether the application is paid for; if not, no event is delivered',
    cure: 'pay for it on the portal',
  },
  'doctor-queue': {
    meaning: '`doctor`: how many events wait in an offline queue, and for how long',
    cure: 'see that what fetches them runs',
  },
  'doctor-store': {
    meaning: '`doctor`: whether the store can be read and written, and each of its records makes sense',
    cure: 'give its owner the right to write, or remove the damaged record',
  },
  'doctor-store-key': {
    meaning: '`doctor`: whether the tokens in the store are encrypted, and can be opened',
    cure: 'set `BITRIX_EVENTS_KEY`, and run `store reencrypt`',
  },
  'doctor-store-privacy': {
    meaning: '`doctor`: whether others than its owner may read or write the store',
    cure: 'run the `chmod` the hint names',
  },
  'doctor-test-event': {
    meaning: '`doctor --send`: whether the portal takes a test event, which goes to the handlers of ONAPPTEST',
    cure: 'bind a handler to OnAppTest to see it arrive',
  },
  'doctor-token': {
    meaning: '`doctor`: whether the portal accepts the tokens, and whose they are',
    cure: 'do as the hint says; often that is to log in again',
  },
  'doctor-uninstall': {
    meaning: '`doctor`: whether somebody is told when the application is removed from the portal',
    cure: 'bind OnAppUninstall to the installer, which then forgets the tokens',
  },
  'duplicate-binding': {
    meaning: 'two bindings have the same event, event_type, handler, auth_type and auth_connector',
    cure: 'remove one of them',
  },
  'duplicate-key': {
    meaning: 'a map has the same key twice',
    cure: 'remove or rename one of them',
  },
  'empty-manifest': {
    meaning: 'the file holds nothing',
    cure: "write at least 'version: 1' and 'bindings: []'",
  },
  'empty-value': {
    meaning: 'a text, list or map that must hold something is empty',
    cure: 'fill it or remove its key',
  },
  'env-file': {
    meaning: 'the .env file beside the manifest cannot be read',
    cure: 'make it readable or remove it',
  },
  'event-outside-scope': {
    meaning: 'the scopes under scope do not grant the event',
    cure: 'add the scope the hint names, to the manifest and to the application',
  },
  'events-unknown': {
    meaning: 'the portal did not say which events it offers (warning)',
    cure: 'go on: a bind may still be refused',
  },
  'fleet-options': {
    meaning: 'options for many portals that do not go together, or that are given for a single one',
    cure: 'see `docs/fleet.md`; add `--all`, or `--portal` with a glob',
  },
  'foreign-redirect': {
    meaning: 'the portal redirects to another portal than that of the tokens',
    cure: 'check `BITRIX24_CLIENT_ENDPOINT`; nothing was sent there',
  },
  'foreign-tokens': {
    meaning: 'the tokens belong to another portal than the one named',
    cure: 'correct the address or the member id, or give that portal’s tokens',
  },
  'handler-characters': {
    meaning: 'a handler has a control character in it, or white space at its ends',
    cure: 'take it out; the portal would keep it as a part of the URL',
  },
  'handler-needed': {
    meaning: '`init` was given events and no handler for them',
    cure: 'add `--handler URL`',
  },
  'handler-too-long': {
    meaning: 'a handler is longer than 255 bytes',
    cure: 'shorten the URL',
  },
  'hidden-connectors': {
    meaning: 'rows look alike but differ in a connector the portal hides (warning)',
    cure: 'unbind them by hand if they are not wanted: an unbind removes all',
  },
  'https-required': {
    meaning: 'the portal wants https',
    cure: 'give its address with https://',
  },
  'inactive-user': {
    meaning: 'the portal does not let the user of the token in, who may have been dismissed or deactivated',
    cure: 'activate the user, or log in as another',
  },
  'insecure-endpoint': {
    meaning: 'an address with plain http that is not this machine, given by you or by the portal’s own settings',
    cure: 'use https',
  },
  'insecure-handler': {
    meaning: 'a handler is plain http (warning)',
    cure: 'use https',
  },
  'insufficient-scope': {
    meaning: 'the application lacks a REST scope',
    cure: 'grant it in the application’s settings',
  },
  interrupted: {
    meaning: 'stopped by Ctrl+C, SIGTERM or SIGHUP before anything was changed',
    cure: 'run again',
  },
  'invalid-endpoint': {
    meaning: 'the address of a portal or an authorisation server cannot be used',
    cure: 'write it like https://acme.bitrix24.com/rest/',
  },
  'invalid-key': {
    meaning: '`BITRIX_EVENTS_KEY` is not a list of 32-byte keys in base64',
    cure: 'make one with `openssl rand -base64 32`',
  },
  'invalid-manifest': {
    meaning: 'the manifest has errors, which are listed with it',
    cure: 'correct them; `validate` checks offline',
  },
  'invalid-member-id': {
    meaning: '`BITRIX24_MEMBER_ID` cannot be a member_id',
    cure: 'use the one the portal sends with its tokens',
  },
  'invalid-path': {
    meaning: 'the path of the installer cannot be one',
    cure: 'write it like /bitrix24',
  },
  'invalid-proxy': {
    meaning: '`HTTP_PROXY` or `HTTPS_PROXY` is not the address of a proxy',
    cure: 'write it like http://proxy.example.com:3128',
  },
  'invalid-store': {
    meaning: 'the store is neither file:DIR nor the address of a PostgreSQL database',
    cure: 'write file: and a directory, or postgres:// and where the database is',
  },
  'is-directory': {
    meaning: 'the manifest is a directory',
    cure: 'name the file in it',
  },
  'ledger-damaged': {
    meaning: 'the ledger on the portal cannot be understood (warning)',
    cure: 'apply once: a change writes it anew',
  },
  'ledger-newer': {
    meaning: 'the ledger was written by a newer bitrix-events (warning)',
    cure: 'update bitrix-events',
  },
  'ledger-not-written': {
    meaning: 'the ledger could not be written after the changes (warning)',
    cure: 'list your handler prefixes under `owns`',
  },
  'ledger-read-only': {
    meaning: 'only an administrator can write the ledger (warning)',
    cure: 'list your handler prefixes under `owns`',
  },
  'ledger-unreadable': {
    meaning: 'the application options could not be read (warning)',
    cure: 'list your handler prefixes under `owns`',
  },
  'left-empty': {
    meaning: 'the plan leaves the application without any binding',
    cure: 'if that is meant, `--allow-empty`',
  },
  'lock-lost': {
    meaning:
      'the lock on the portal was lost in the middle of an apply, because the way to the store broke or the process stood still; nothing was written after that',
    cure: 'run again; what is done stays done',
  },
  locked: {
    meaning: 'somebody else is working on the portal and the time for waiting is over',
    cure: 'wait, or allow more with `--timeout` or `--lock-timeout`',
  },
  'manifest-exists': {
    meaning: '`init` found a manifest, which it does not write over',
    cure: 'keep it, update it with `import --write`, or write it anew with `--force`',
  },
  'manifest-unavailable': {
    meaning: "the function that gives the installer's manifest failed",
    cure: 'read the cause; the function is yours',
  },
  'missing-handler': {
    meaning: 'an online binding has no handler',
    cure: 'add one, or make the binding offline',
  },
  'missing-key': {
    meaning: 'a required key is missing',
    cure: 'add it',
  },
  'missing-option': {
    meaning: 'a function of the library was called without something it needs',
    cure: 'give what the message names',
  },
  'missing-package': {
    meaning: 'a package that only some need is not installed',
    cure: 'install it as the hint says',
  },
  'missing-variable': {
    meaning: 'an environment variable the manifest needs is not set',
    cure: 'set it, put it into .env beside the manifest, or write `${NAME:-default}`',
  },
  'needs-answer': {
    meaning: 'there are changes to confirm and no terminal to ask on',
    cure: 'look at the plan, then run with `--yes`',
  },
  'needs-postgres': {
    meaning: 'workers and their rollouts need a store in PostgreSQL',
    cure: 'set `BITRIX_EVENTS_STORE` to `postgres://…`; `store copy` moves what a `file:` store holds',
  },
  'needs-scope': {
    meaning: 'the application lacks a REST scope that an event of the manifest needs',
    cure: 'have it granted: by a version of the application that an administrator accepts, or in the settings of a local application',
  },
  'newer-plan': {
    meaning: 'a plan was saved by a newer bitrix-events',
    cure: 'update bitrix-events',
  },
  'newer-record': {
    meaning: 'a record of the store that is copied to is newer than the one to copy',
    cure: 'keep it, or overwrite it with `--force`',
  },
  'no-access': {
    meaning: 'the user of the token may not use the application',
    cure: 'give the user access to it on the portal',
  },
  'no-answer': {
    meaning: 'an answer was lost or cannot be read, such as an HTML page',
    cure: 'run again; look whether the address opens in a browser',
  },
  'no-application': {
    meaning: 'the client id or the client secret is missing',
    cure: 'set `BITRIX24_CLIENT_ID` and `BITRIX24_CLIENT_SECRET`',
  },
  'no-authorisation': {
    meaning: 'the portal does not know the access token',
    cure: 'check that address and tokens belong to one portal',
  },
  'no-code': {
    meaning: 'nothing that was pasted holds an authorisation code',
    cure: 'paste the code, or the whole address the browser was sent to',
  },
  'no-credentials': {
    meaning: 'there are tokens neither in the environment nor in the store',
    cure: 'set the variables, or log in; `docs/application.md` tells how to get what they hold',
  },
  'no-key': {
    meaning: 'a record of the store is encrypted, or is to be, and no key was given',
    cure: 'set `BITRIX_EVENTS_KEY`',
  },
  'no-manifest': {
    meaning: 'no manifest was found',
    cure: 'write one, run `import --write`, or name the file with `--manifest`',
  },
  'no-portals': {
    meaning: 'no portal of the store is meant',
    cure: 'look at `store list`; authorise portals with `login` or the installer hook',
  },
  'no-store': {
    meaning: 'the library was given no store, so new tokens would be lost with the process',
    cure: 'give `store`, such as `file:.bitrix-events`, or all of what `credentialsFromEnv` finds',
  },
  'no-uninstall': {
    meaning:
      'no handler hears of OnAppUninstall: after a removal nobody forgets the portal’s tokens (a note of `validate`)',
    cure: 'bind OnAppUninstall to the installer, unless the application keeps no tokens',
  },
  'not-as-wanted': {
    meaning: 'everything was done, and the portal does not hold it all the same',
    cure: 'somebody may have changed it meanwhile: run or install again',
  },
  'not-converged': {
    meaning: 'a portal of a fleet does not hold everything the manifest asks for',
    cure: 'plan it alone with `--portal`',
  },
  'not-in-plan': {
    meaning: 'the portal’s plan lacks a feature',
    cure: 'remove what needs it from the manifest',
  },
  'not-installed': {
    meaning: 'the installation is not finished: bindings are silent (warning)',
    cure: 'let the installation page call BX24.installFinish()',
  },
  'not-utf8': {
    meaning: 'the file is not UTF-8',
    cure: 'save it as UTF-8',
  },
  'nothing-bound': {
    meaning: 'a portal is well, and no event of the manifest is bound on it',
    cure: 'run `apply` for it',
  },
  'nothing-to-rebind': {
    meaning: '`--rebind` names an event the manifest does not ask for',
    cure: 'name an event of the manifest',
  },
  'offline-auth-type': {
    meaning: 'auth_type on an offline binding, where the portal ignores it',
    cure: 'remove it',
  },
  'offline-handler': {
    meaning: 'a handler on an offline binding, which has none',
    cure: 'remove one of the two',
  },
  'offline-impossible': {
    meaning: 'the event cannot be bound offline',
    cure: 'bind it online',
  },
  'offline-waiting': {
    meaning: 'offline events have waited longer than a day to be fetched',
    cure: 'look whether the program that calls `event.offline.get` still runs',
  },
  'open-store': {
    meaning: 'other users of the machine may read or write the store or a record of it (warning)',
    cure: 'close it as the hint says',
  },
  'operation-time-limit': {
    meaning: 'the portal’s limit of working time is used up',
    cure: 'run again in ten minutes',
  },
  'option-range': {
    meaning: 'the value of an option is too small',
    cure: 'use at least the value the message names',
  },
  'option-type': {
    meaning: 'the value of an option is of the wrong type',
    cure: 'write a whole number',
  },
  'options-unverified': {
    meaning: 'the options of a live binding are not known (warning)',
    cure: 'to set them for sure, `--rebind EVENT`',
  },
  'other-application': {
    meaning: 'a saved plan is for another application',
    cure: 'plan again with these credentials',
  },
  'other-environment': {
    meaning: 'the plan unbinds what another environment of the manifest applied',
    cure: 'give each environment a name of its own, or `--allow-other-environment`',
  },
  'other-manifest': {
    meaning: 'a saved plan was made from another version of the manifest',
    cure: 'plan again',
  },
  'other-portal': {
    meaning: 'a saved plan is for another portal',
    cure: 'plan again with these credentials',
  },
  'other-rollout': {
    meaning: 'the results to go on from belong to another manifest or another command',
    cure: 'start anew without `--resume`',
  },
  'other-user': {
    meaning: 'a saved plan was made with the rights of another user',
    cure: 'plan again with these credentials',
  },
  'overload-limit': {
    meaning: 'the vendor has blocked the portal’s REST for overload',
    cure: 'ask the vendor’s support',
  },
  'partial-view': {
    meaning: 'the user does not see every binding (warning), and the plan unbinds or it is the installer’s (refusal)',
    cure: 'use an administrator’s token, or `--allow-partial-view`',
  },
  'payment-expired': {
    meaning: 'the application is not paid for: bindings are silent (warning)',
    cure: 'renew the subscription on the portal',
  },
  'payment-required': {
    meaning: 'the application’s subscription has ended: no tokens are given',
    cure: 'renew the subscription on the portal',
  },
  'plan-is-final': {
    meaning: '`--prune` or `--rebind` together with a saved plan',
    cure: 'give it to `plan --out` instead',
  },
  'port-unavailable': {
    meaning: 'the emulator cannot listen on the port',
    cure: 'choose another, or leave `--port` out',
  },
  'portal-cannot-authorise': {
    meaning: 'the portal did not reach the authorisation server',
    cure: 'run again later',
  },
  'portal-deleted': {
    meaning: 'the portal exists no more',
    cure: 'remove its installation from the store',
  },
  'portal-refused': {
    meaning: 'the portal refuses for a reason this table does not know',
    cure: 'read what the portal says in the message',
  },
  'protected-event': {
    meaning: 'the platform makes the bindings of this event itself',
    cure: 'remove it from the manifest',
  },
  'query-limit': {
    meaning: 'the portal’s limit of requests is used up by others',
    cure: 'run again later',
  },
  'rebind-gap': {
    meaning: 'a binding is unbound and bound again (warning)',
    cure: 'choose a quiet moment: events in between are lost',
  },
  'redirect-loop': {
    meaning: 'the portal redirects in a circle',
    cure: 'set `BITRIX24_CLIENT_ENDPOINT` to its present address',
  },
  'refresh-unknown': {
    meaning: 'the tokens were to be refreshed and no answer came',
    cure: 'run again: the old refresh token is tried once more',
  },
  refused: {
    meaning: 'a refusal without an objection of its own',
    cure: 'report it: every refusal should name its reason',
  },
  'results-exist': {
    meaning: 'a file for results holds something already',
    cure: 'go on with it by `--resume`, or name another file',
  },
  'rollout-open': {
    meaning: 'a rollout is queued while another one is still open',
    cure: 'wait for it, end it with `rollout cancel`, or take its place with `--supersede`',
  },
  'rollout-state': {
    meaning: 'a rollout cannot be paused, resumed, cancelled or tried again in the state it is in',
    cure: 'look at it with `rollout status`; begin another one with `apply --all --queue`',
  },
  'several-documents': {
    meaning: 'the file holds several YAML documents',
    cure: 'keep one',
  },
  'several-manifests': {
    meaning: 'two files of the folder could be the manifest, and one of them is used (warning)',
    cure: 'remove or rename the other, or name one with `--manifest`',
  },
  'similar-handler': {
    meaning: 'a handler differs from a live one only in case or after 180 characters (warning)',
    cure: 'use a URL that differs earlier',
  },
  'similar-handlers': {
    meaning: 'two handlers of one event that a portal cannot keep apart: equal in 180 bytes or but for letter case',
    cure: 'make the beginnings of the two URLs differ, or remove one',
  },
  'strange-row': {
    meaning: 'a live row of the portal makes no sense and is left as it is (warning)',
    cure: 'whoever bound it has to unbind it, if it is not wanted',
  },
  'stray-override': {
    meaning: 'an environment overrides a handler that the manifest does not have (warning)',
    cure: 'correct the name, add the handler, or remove the override',
  },
  timeout: {
    meaning: 'the command took longer than `--timeout` allows',
    cure: 'allow more',
  },
  'token-refused': {
    meaning: 'a token that was just refreshed is refused too',
    cure: 'log in again; check the portal’s clock',
  },
  'too-large': {
    meaning: 'the file is larger than 1 MiB',
    cure: 'split it into several manifests',
  },
  'too-many-unbinds': {
    meaning: 'the plan unbinds more than `max_unbind`',
    cure: 'if that is meant, `--allow-unbind N`',
  },
  'transaction-pooler': {
    meaning: 'the PostgreSQL store is behind a pooler on which no lock holds',
    cure: 'give the address of the server itself, or of a pool in session mode',
  },
  'unexpected-error': {
    meaning: 'the installer met an error that is none of its own: a hook’s, a store’s, or a bug',
    cure: 'read the lines below it; report it when they are all ours',
  },
  'unexpected-result': {
    meaning: 'the portal answers a bind with something else than yes',
    cure: 'run again; report it with the output of `--verbose`',
  },
  'unknown-code': {
    meaning: '`explain` does not know the code',
    cure: 'run `explain` alone to see them all',
  },
  'unknown-environment': {
    meaning: 'the chosen environment is not in the manifest',
    cure: 'choose one that is',
  },
  'unknown-event': {
    meaning: 'the event is not in the catalogue: an error when scope is given, else a warning',
    cure: 'correct the name; bitrix-events events lists them',
  },
  'unknown-handler': {
    meaning: 'a handler is neither a name under handlers nor a URL',
    cure: 'correct the name or add it under handlers',
  },
  'unknown-key': {
    meaning: 'a key that means nothing at this place',
    cure: 'correct or remove it',
  },
  'unknown-option': {
    meaning: 'an option the event does not know',
    cure: 'correct or remove it',
  },
  'unknown-portal': {
    meaning: 'the store has no such portal',
    cure: 'name one the message lists, or give its tokens',
  },
  'unknown-rollout': {
    meaning: 'no rollout of the store has this id, or more than one begins with it',
    cure: '`rollout list` shows all of them',
  },
  'unknown-tag': {
    meaning: 'a YAML tag such as !Ref, which means nothing here',
    cure: 'remove the tag',
  },
  'unknown-value': {
    meaning: 'a value that is not one of the possible ones',
    cure: 'use one the message names',
  },
  unreachable: {
    meaning: 'no connection: the request was not sent',
    cure: 'check the address and the network',
  },
  'unreachable-store': {
    meaning: 'the PostgreSQL server of the store gives no answer',
    cure: 'check that it runs, and its address',
  },
  'unreadable-answer': {
    meaning: 'the portal’s answer does not have the parts it should have',
    cure: 'run again; report it with the output of `--verbose`',
  },
  'unreadable-manifest': {
    meaning: 'the file is missing or cannot be opened',
    cure: 'check the path and its permissions',
  },
  'unreadable-plan': {
    meaning: 'a saved plan is missing or cannot be opened',
    cure: 'check the path and its permissions',
  },
  unreviewed: {
    meaning: 'what a portal of a fleet needs is none of the plans that were reviewed',
    cure: 'plan it again, and review what it has become',
  },
  'unsupported-store': {
    meaning: 'a format of records, tables or a PostgreSQL server that this version cannot work with',
    cure: 'update what the message names',
  },
  'unsupported-version': {
    meaning: 'a version of the format other than 1',
    cure: "write 'version: 1'",
  },
  'unusable-store': {
    meaning: 'the store’s directory or database cannot be made, read or written',
    cure: 'check its permissions, or name another with `--store`',
  },
  'unverified-redirect': {
    meaning: 'the authorisation server could not confirm where the portal moved',
    cure: 'run again, or set its new address',
  },
  'unwritable-file': {
    meaning: 'a file cannot be written',
    cure: 'check the path and its permissions',
  },
  usage: {
    meaning: 'the command line cannot be understood',
    cure: 'run with `--help`',
  },
  'value-too-large': {
    meaning: 'a number above its largest value',
    cure: 'use at most the value the message names',
  },
  'value-too-small': {
    meaning: 'a number below its least value',
    cure: 'use at least the value the message names',
  },
  'webhook-url': {
    meaning: 'the address is that of a webhook, which cannot bind events',
    cure: 'give the portal’s address and the tokens of an application; `docs/application.md` tells how to get one',
  },
  'worker-lost': {
    meaning: 'a worker ended in the middle of a portal, and the rollout was over before anybody could go on',
    cure: 'look at the portal with `check --portal`',
  },
  'wrong-auth-type': {
    meaning: 'the token is not that of an application',
    cure: 'use the application’s OAuth tokens instead of a webhook',
  },
  'wrong-client': {
    meaning: 'the authorisation server does not accept the application',
    cure: 'check `BITRIX24_CLIENT_ID` and `BITRIX24_CLIENT_SECRET`',
  },
  'wrong-code': {
    meaning: 'the authorisation server refuses the code',
    cure: 'log in again and paste the code within 30 seconds',
  },
  'wrong-key': {
    meaning: 'a record of the store is encrypted with a key that was not given',
    cure: 'add that key to `BITRIX_EVENTS_KEY`',
  },
  'wrong-login': {
    meaning: 'the code is for another portal or application',
    cure: 'log in on the portal that was named',
  },
  'wrong-portal': {
    meaning: 'the manifest is for other portals than that of the credentials',
    cure: 'use that portal’s credentials, or change `portal`',
  },
  'wrong-state': {
    meaning: 'the pasted address is from another login, or older than ten minutes',
    cure: 'log in again and paste the new address',
  },
  'wrong-type': {
    meaning: 'a value of the wrong type',
    cure: 'write what the message expects',
  },
  'yaml-syntax': {
    meaning: 'the file is not well-formed YAML or JSON',
    cure: 'correct the place the message names',
  },
} as const satisfies Readonly<Record<string, CodeFacts>>;

/** The codes are closed: what is not in the table cannot be said. */
export type Code = keyof typeof codes;
