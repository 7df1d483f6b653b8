/** `bitrix-events explain`: what a code means and what to do about it. */
import { addressOf } from '../../core/documentation.ts';
import { UsageError } from '../../core/errors.ts';
import { didYouMean } from '../../manifest/did-you-mean.ts';
import type { ExplainedCode, Outcome } from '../result.ts';

/**
 * @param asked as a message has it, in brackets or without; undefined: every code there is
 * @throws UsageError `unknown-code`
 */
export async function explain(asked: string | undefined): Promise<Outcome> {
  const { codes } = await import('../../core/codes.ts');
  const all: readonly ExplainedCode[] = entriesOf(codes).map(([code, facts]) => ({
    code,
    ...facts,
    url: addressOf(code),
  }));
  if (asked === undefined) return { result: { kind: 'explanation', rows: all, isWhole: true }, ending: 'done' };
  const wanted = asked
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  const row = all.find(({ code }) => code === wanted);
  if (row !== undefined) return { result: { kind: 'explanation', rows: [row], isWhole: false }, ending: 'done' };
  throw new UsageError({
    code: 'unknown-code',
    message: `'${asked.slice(0, 80)}' is not one of the codes that messages end with`,
    hint: didYouMean(wanted, Object.keys(codes)) ?? "Run 'bitrix-events explain' alone to see them all",
  });
}

/** The keys that the type has are those there are. */
function entriesOf<Key extends string, Value>(
  record: Readonly<Record<Key, Value>>,
): readonly (readonly [Key, Value])[] {
  return Object.entries(record) as [Key, Value][];
}
