/** The script that a shell reads to complete command lines; it asks `bitrix-events complete` what may come. */
import { script } from '@bomb.sh/tab';
import { bashScript } from './bash-script.ts';
import type { Shell } from './shells.ts';

export function scriptFor(shell: Shell): string {
  return shell === 'bash' ? bashScript : printedBy(() => script(shell, 'bitrix-events', 'bitrix-events'));
}

/** The library prints its scripts, and there is no other way to them. */
function printedBy(print: () => void): string {
  const { log } = console;
  let printed = '';
  Object.assign(console, { log: (text: string) => void (printed += `${text}\n`) });
  try {
    print();
  } finally {
    Object.assign(console, { log });
  }
  return printed;
}
