/** Rules about the options of a binding. */
import { findEvent } from '../../catalog/catalog.ts';
import { didYouMean } from '../did-you-mean.ts';
import { error, type Rule, type Row } from './context.ts';

/** The portal drops what it does not know without a word; what an event outside the catalogue knows, nobody here can tell. */
export const unknownOption: Rule = function* ({ rows }) {
  for (const { event, option, known } of optionsIn(rows)) {
    if (option.name in known) continue;
    const names = Object.keys(known);
    yield {
      ...error(option.path, {
        code: 'unknown-option',
        message: `event '${event}' knows no option '${option.name}'`,
        hint:
          names.length === 0
            ? 'It has no options; remove it'
            : (didYouMean(option.name, names) ?? `It knows ${names.join(', ')}`),
      }),
      place: { path: option.path, part: 'key' },
    };
  }
};

export const optionType: Rule = function* ({ rows }) {
  for (const { event, option, known } of optionsIn(rows)) {
    if (known[option.name] === undefined || Number.isInteger(option.value)) continue;
    yield error(option.path, {
      code: 'option-type',
      message: `option '${option.name}' of '${event}' is ${JSON.stringify(option.value)}, expected a whole number`,
      hint: typeof option.value === 'string' && /^\d+$/.test(option.value) ? 'Leave the quotes away' : undefined,
    });
  }
};

export const optionRange: Rule = function* ({ rows }) {
  for (const { event, option, known } of optionsIn(rows)) {
    const least = known[option.name]?.min;
    if (least === undefined || typeof option.value !== 'number' || option.value >= least) continue;
    yield error(option.path, {
      code: 'option-range',
      message: `option '${option.name}' of '${event}' is ${option.value}, the least is ${least}`,
    });
  }
};

function* optionsIn(rows: readonly Row[]) {
  for (const { event, binding } of rows) {
    if (binding.options.length === 0) continue;
    const found = findEvent(event);
    if (found === undefined) continue;
    for (const option of binding.options)
      if (option.isPending !== true) yield { event, option, known: found.options ?? {} };
  }
}
