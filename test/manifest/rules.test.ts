import { expect, test } from 'vitest';
import { problemsIn, withBindings } from './support.ts';

const online = (event: string, handler: string, rest = ''): string =>
  `  - { event: ${event}, handler: "${handler}"${rest === '' ? '' : `, ${rest}`} }`;
const hostHint = 'The portal wants a host such as app.example.com';
const schemeHint = 'The portal accepts https and http, in lower case';
const long = (end: string): string => `https://a.b/${'x'.repeat(168)}${end}`;

test.each([
  ['https://a.b/x', []],
  ['https://10.0.0.5:8443/x', []],
  ['https://user:p@ss@a.b/', []],
  ['https://a.b/x?y=1#z', []],
  ['https://a.b/$result[x]', []],
  ['https://a.b', []],
  [
    'http://127.0.0.1/x',
    [
      "3:34 warning insecure-handler | handler 'http://127.0.0.1/x' is plain http, so tokens travel unencrypted | Use https",
    ],
  ],
  [
    'https://localhost/x',
    [
      `3:34 error bad-handler-url | handler 'https://localhost/x' has the host 'localhost', without a dot | ${hostHint}`,
    ],
  ],
  [
    'https://.x/',
    [`3:34 error bad-handler-url | handler 'https://.x/' has the host '.x', without a dot | ${hostHint}`],
  ],
  ['https:///x.y', [`3:34 error bad-handler-url | handler 'https:///x.y' has no host | ${hostHint}`]],
  [
    'https://a.b@localhost/',
    [
      `3:34 error bad-handler-url | handler 'https://…@localhost/' has the host 'localhost', without a dot | ${hostHint}`,
    ],
  ],
  [
    'https://localhost/?secret=a.b',
    [
      `3:34 error bad-handler-url | handler 'https://localhost/?…' has the host 'localhost', without a dot | ${hostHint}`,
    ],
  ],
  ['HTTPS://a.b/', [`3:34 error bad-handler-url | handler 'HTTPS://a.b/' has the scheme 'HTTPS' | ${schemeHint}`]],
  ['ftp://a.b/', [`3:34 error bad-handler-url | handler 'ftp://a.b/' has the scheme 'ftp' | ${schemeHint}`]],
  ['//a.b/', ["3:34 error bad-handler-url | handler '//a.b/' has no scheme | Begin it with https://"]],
  ['a.b/x', ["3:34 error bad-handler-url | handler 'a.b/x' has no scheme | Begin it with https://"]],
  ['', ["3:34 error empty-value | 'handler' is empty"]],
  [`https://a.b/${'x'.repeat(243)}`, []],
  [
    `https://a.b/${'x'.repeat(244)}`,
    ['3:34 error handler-too-long | handler is 256 bytes long, the limit is 255 | Shorten the URL'],
  ],
  [
    `https://a.b/${'é'.repeat(122)}`,
    ['3:34 error handler-too-long | handler is 256 bytes long, the limit is 255 | Shorten the URL'],
  ],
])('the handler %s is judged as a portal would', (handler, problems) => {
  expect(problemsIn(withBindings(online('OnTaskAdd', handler)))).toEqual(problems);
});

const dealHint = "Did you mean 'ONCRMDEALUPDATE'?";

test.each([
  [
    'an unknown event is a warning without scope',
    '',
    'OnCrmDealUpdat',
    [`4:14 warning unknown-event | event 'ONCRMDEALUPDAT' is not in the catalogue | ${dealHint}`],
  ],
  [
    'an unknown event is an error with scope',
    'scope: [crm]',
    'OnCrmDealUpdat',
    [`4:14 error unknown-event | event 'ONCRMDEALUPDAT' is not in the catalogue | ${dealHint}`],
  ],
  [
    'an event like no other gets no suggestion',
    '',
    'XYZ',
    ["4:14 warning unknown-event | event 'XYZ' is not in the catalogue"],
  ],
  ['an event of one smart process is known', 'scope: [crm]', 'OnCrmDynamicItemAdd_147', []],
  ['an event of the basic scope needs no other', 'scope: []', 'OnAppUninstall', []],
  ['scopes are told apart in any letter case', 'scope: [CRM]', 'OnCrmDealAdd', []],
  ['the scope the server asks for will do', 'scope: [sonet_group]', 'OnSonetGroupAdd', []],
  [
    'an event outside scope is an error',
    'scope: [crm]',
    'OnUserAdd',
    [
      "4:14 error event-outside-scope | event 'ONUSERADD' needs the scope 'user', 'user_basic' or 'user_brief' | Add 'user', 'user_basic' or 'user_brief' to 'scope' if the application has it",
    ],
  ],
  [
    'a deprecated event is a warning that names its replacement',
    '',
    'OnCrmProductAdd',
    ["4:14 warning deprecated-event | event 'ONCRMPRODUCTADD' is deprecated | Use 'CATALOG.PRODUCT.ON.ADD'"],
  ],
  [
    'a deprecated event may have no replacement',
    '',
    'OnCrmProductSectionAdd',
    ["4:14 warning deprecated-event | event 'ONCRMPRODUCTSECTIONADD' is deprecated | There is no replacement"],
  ],
  [
    'the install event is protected',
    'scope: [crm]',
    'OnAppInstall',
    [
      "4:14 error protected-event | event 'ONAPPINSTALL' is bound by the platform itself (app installation) | Remove it; such bindings are left alone",
    ],
  ],
  [
    'an event of a bot is protected, whatever the scope',
    'scope: [crm]',
    'OnImBotV2Delete',
    [
      "4:14 error protected-event | event 'ONIMBOTV2DELETE' is bound by the platform itself (imbot.v2.Bot.register) | Remove it; such bindings are left alone",
    ],
  ],
])('%s', (_what, scope, event, problems) => {
  expect(problemsIn(`version: 1\n${scope}\nbindings:\n${online(event, 'https://a.b/')}\n`)).toEqual(problems);
});

test.each([
  [
    'a handler by a name that is not there',
    ['handlers: { crm: https://a.b/ }', 'bindings:', online('OnTaskAdd', 'crn')],
    ["4:34 error unknown-handler | handler 'crn' is neither a name under 'handlers' nor a URL | Did you mean 'crm'?"],
  ],
  [
    'a handler by the name of a property of objects',
    ['bindings:', online('OnTaskAdd', 'toString')],
    [
      "3:34 error unknown-handler | handler 'toString' is neither a name under 'handlers' nor a URL | Add it under 'handlers', or write an absolute URL",
    ],
  ],
  [
    'a name of a handler called constructor',
    ['handlers: { constructor: https://a.b/ }', 'bindings:', online('OnTaskAdd', 'constructor')],
    [],
  ],
  [
    'a named URL, once, where it is written',
    ['handlers: { crm: ftp://a.b/ }', 'bindings:', online('OnTaskAdd', 'crm'), online('OnTaskUpdate', 'crm')],
    [`2:18 error bad-handler-url | handler 'ftp://a.b/' has the scheme 'ftp' | ${schemeHint}`],
  ],
  [
    'an online binding without a handler',
    ['bindings:', '  - event: OnTaskAdd'],
    ["3:5 error missing-handler | an online binding needs a handler | Add 'handler', or 'event_type: offline'"],
  ],
  [
    'an offline binding with a handler and an auth_type',
    ['bindings:', '  - { event: OnTaskAdd, event_type: offline, handler: x, auth_type: 1 }'],
    [
      "3:55 error offline-handler | an offline binding has no handler | Remove 'handler'; the application fetches the events with event.offline.get",
      "3:69 error offline-auth-type | an offline binding has no auth_type | Remove 'auth_type'; the portal ignores it",
    ],
  ],
  [
    'an event that cannot be offline',
    ['bindings:', '  - { event: OnOfflineEvent, event_type: offline }'],
    ["3:14 error offline-impossible | event 'ONOFFLINEEVENT' cannot be bound offline | Bind it online, with a handler"],
  ],
  [
    'a connector on an online binding',
    ['bindings:', online('OnTaskAdd', 'https://a.b/', 'auth_connector: erp')],
    [
      "3:66 error connector-on-online | 'auth_connector' on an online binding, which the portal would keep and never show | Remove it, or write 'event_type: offline'",
    ],
  ],
  [
    'an option that is misspelt, of another event, quoted, or too small',
    [
      'bindings:',
      online('OnOfflineEvent', 'https://a.b/1', 'options: { minTimout: 5 }'),
      online('OnTaskAdd', 'https://a.b/2', 'options: { minTimeout: 5 }'),
      online('OnOfflineEvent', 'https://a.b/3', 'options: { minTimeout: "5" }'),
      online('OnOfflineEvent', 'https://a.b/4', 'options: { minTimeout: -1 }'),
      online('OnOfflineEvent', 'https://a.b/5', 'options: { minTimeout: 0 }'),
    ],
    [
      "3:67 error unknown-option | event 'ONOFFLINEEVENT' knows no option 'minTimout' | Did you mean 'minTimeout'?",
      "4:62 error unknown-option | event 'ONTASKADD' knows no option 'minTimeout' | It has no options; remove it",
      "5:79 error option-type | option 'minTimeout' of 'ONOFFLINEEVENT' is \"5\", expected a whole number | Leave the quotes away",
      "6:79 error option-range | option 'minTimeout' of 'ONOFFLINEEVENT' is -1, the least is 0",
    ],
  ],
  [
    'the same binding twice, by another name and letter case',
    [
      'handlers: { x: https://a.b/ }',
      'bindings:',
      online('[OnTaskAdd, OnTaskUpdate]', 'https://a.b/'),
      online('ONTASKUPDATE', 'x'),
    ],
    ["5:14 error duplicate-binding | the same binding of 'ONTASKUPDATE' is already at 4:26 | Remove one"],
  ],
  [
    'an absent auth_type beside 0, but not beside another user',
    [
      'bindings:',
      online('OnTaskAdd', 'https://a.b/'),
      online('OnTaskAdd', 'https://a.b/', 'auth_type: 15'),
      online('OnTaskAdd', 'https://a.b/', 'auth_type: 0'),
    ],
    [
      "5:14 error duplicate-binding | the same binding of 'ONTASKADD' is already at 3:14 | Without auth_type it is 0 for an administrator; remove one",
    ],
  ],
  [
    'the same offline binding twice, but not for another connector',
    [
      'bindings:',
      '  - { event: OnTaskAdd, event_type: offline }',
      '  - { event: OnTaskAdd, event_type: offline, auth_connector: erp }',
      '  - { event: OnTaskAdd, event_type: offline, auth_connector: "" }',
    ],
    ["5:14 error duplicate-binding | the same binding of 'ONTASKADD' is already at 3:14 | Remove one"],
  ],
  [
    'handlers of one event that are equal but for letter case',
    [
      'bindings:',
      online('OnTaskAdd', 'https://a.b/x'),
      online('OnTaskAdd', 'https://a.b/X'),
      online('OnTaskUpdate', 'https://a.b/X'),
    ],
    [
      "4:34 error similar-handlers | handler of 'ONTASKADD' equals the one at 3:34 but for letter case | A portal cannot keep both; make them differ earlier, or remove one",
    ],
  ],
  [
    'handlers of one event that are equal in 180 bytes',
    [
      'bindings:',
      online('OnTaskAdd', long('/1')),
      online('OnTaskAdd', long('/2')),
      online('OnTaskAdd', long('/2'), 'auth_type: 5'),
    ],
    [
      "4:34 error similar-handlers | handler of 'ONTASKADD' equals the one at 3:34 in its first 180 bytes | A portal cannot keep both; make them differ earlier, or remove one",
    ],
  ],
  [
    'handlers that differ in byte 180',
    ['bindings:', online('OnTaskAdd', long('').replace(/x$/, '1')), online('OnTaskAdd', long(''))],
    [],
  ],
  [
    'a binding that is also ignored',
    [
      'bindings:',
      online('OnTaskAdd', 'https://a.b/x'),
      online('OnTaskUpdate', 'https://c.d/x'),
      'ignore:',
      '  - { event: OnTask*, handler: https://a.b/* }',
    ],
    [
      "3:14 error declared-and-ignored | event 'ONTASKADD' is declared here and ignored by the rule at 6:5 | Remove the binding, or narrow the rule",
    ],
  ],
  [
    'a portal that is an address',
    [
      'portal: [https://acme.bitrix24.com/, acme.bitrix24.com, "127.0.0.1:4711", 0f1e2d]',
      'environments: { a: { portal: [портал.рф] } }',
      'bindings: []',
    ],
    [
      "2:10 error bad-portal | portal 'https://acme.bitrix24.com/' is neither a domain nor a member_id | Write the domain alone, such as acme.bitrix24.com",
    ],
  ],
  [
    'a prefix that ends within the host',
    ['owns: [https://app.example.com, https://app.example.com/, app]', 'bindings: []'],
    [
      "2:8 error bad-owns | 'https://app.example.com' under 'owns' is no URL that goes at least to the slash after its host | Write it as in https://app.example.com/",
      "2:59 error bad-owns | 'app' under 'owns' is no URL that goes at least to the slash after its host | Write it as in https://app.example.com/",
    ],
  ],
])('%s is reported', (_what, lines, problems) => {
  expect(problemsIn(['version: 1', ...lines, ''].join('\n'))).toEqual(problems);
});
