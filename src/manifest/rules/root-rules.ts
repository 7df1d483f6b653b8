/** Rules about the keys at the top: portal, owns, names of handlers. */
import { displayUrl } from '../../core/display.ts';
import { portalPin } from '../portal-pin.ts';
import { error, type Rule } from './context.ts';

export const badPortal: Rule = function* ({ draft }) {
  for (const { value, path, isPending } of draft.portals) {
    if (isPending || portalPin(value) !== undefined) continue;
    yield error(path, {
      code: 'bad-portal',
      message: `portal '${displayUrl(value)}' is neither a domain nor a member_id`,
      hint: 'Write the domain alone, such as acme.bitrix24.com',
    });
  }
};

/** A prefix that ends within the host would also own `https://app.example.com.evil.example/`. */
export const badOwns: Rule = function* ({ draft }) {
  for (const { value, path, isPending } of draft.owns) {
    if (isPending || /^https?:\/\/[^/?#]+\//.test(value)) continue;
    yield error(path, {
      code: 'bad-owns',
      message: `'${displayUrl(value)}' under 'owns' is no URL that goes at least to the slash after its host`,
      hint: 'Write it as in https://app.example.com/',
    });
  }
};

export const badHandlerName: Rule = function* ({ draft }) {
  for (const [name, { path }] of draft.handlers) {
    if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/.test(name)) continue;
    yield {
      ...error(path, {
        code: 'bad-name',
        message: `'${name}' cannot name a handler`,
        hint: "Use letters, digits, '.', '_' and '-', beginning with a letter or digit; at most 50",
      }),
      place: { path, part: 'key' },
    };
  }
};
