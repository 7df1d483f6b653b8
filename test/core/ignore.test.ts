/** Which bindings an ignore rule speaks of, and how a rule is named. */
import { describe, expect, it } from 'vitest';
import { matchesRule, ruleText } from '../../src/core/ignore.ts';
import type { IgnoreRule } from '../../src/core/manifest.ts';
import { offline, online } from '../support/build.ts';

const bot = online('ONIMBOTMESSAGEADD', 'https://bots.example.com/in?key=1', 15);
const queue = offline('ONCRMDEALADD', 'erp');

describe('a rule', () => {
  it.each<[IgnoreRule, boolean]>([
    [{ event: 'ONIMBOTMESSAGEADD' }, true],
    [{ event: 'OnImBotMessageAdd' }, true],
    [{ event: 'OnImBot*' }, true],
    [{ event: '*ADD' }, true],
    [{ event: '*' }, true],
    [{ event: '**' }, true],
    [{ event: 'ON*BOT*ADD' }, true],
    [{ event: 'ONIMBOT*MESSAGE*ADD' }, true],
    [{ event: 'ONIMBOT*MESSAGEA*ADD' }, false],
    [{ event: 'ONIMBOT' }, false],
    [{ event: 'IMBOT*' }, false],
    [{ event: '*IMBOT' }, false],
    [{ event: 'ON*ADD*ADD' }, false],
    [{ event: 'ONIMBOTMESSAGEADD*ADD' }, false],
    [{ event: 'ONIMBOTMESSAGEADD*' }, true],
    [{ handler: 'https://bots.example.com/*' }, true],
    [{ handler: 'https://*.example.com/*' }, true],
    [{ handler: 'https://bots.example.com/in?key=1' }, true],
    [{ handler: 'https://BOTS.example.com/*' }, false],
    [{ handler: 'https://bots.example.com/in.key=1' }, false],
    [{ handler: 'https://other.example.com/*' }, false],
    [{ event_type: 'online' }, true],
    [{ event_type: 'offline' }, false],
    [{ auth_type: 15 }, true],
    [{ auth_type: 0 }, false],
    [{ auth_connector: '' }, false],
    [{ event: 'ONIMBOT*', handler: 'https://bots.example.com/*', auth_type: 15 }, true],
    [{ event: 'ONIMBOT*', handler: 'https://bots.example.com/*', auth_type: 16 }, false],
  ])('%j and an online binding: %s', (rule, expected) => {
    expect(matchesRule(rule, bot)).toBe(expected);
  });

  it.each<[IgnoreRule, boolean]>([
    [{ auth_connector: 'erp' }, true],
    [{ auth_connector: 'e*' }, false],
    [{ auth_connector: '' }, false],
    [{ event_type: 'offline', event: 'oncrm*' }, true],
    [{ handler: '*' }, false],
    [{ auth_type: 0 }, false],
  ])('%j and an offline binding: %s', (rule, expected) => {
    expect(matchesRule(rule, queue)).toBe(expected);
  });

  it('with many stars is judged at once', () => {
    const rule = { handler: `${'*a'.repeat(200)}b` };
    expect(matchesRule(rule, online('ONTASKADD', 'a'.repeat(5000)))).toBe(false);
  });
});

it('a rule is named by its parts, without what a URL may keep secret', () => {
  expect(ruleText({ event: 'ONIMBOT*', handler: 'https://bots.example.com/*', auth_type: 0 })).toBe(
    'event ONIMBOT*, handler https://bots.example.com/*, auth_type 0',
  );
  expect(ruleText({ handler: 'https://user:secret@bots.example.com/in?key=secret' })).toBe(
    'handler https://…@bots.example.com/in?…',
  );
});
