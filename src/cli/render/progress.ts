/** One line on stderr that shows how far long work has come; only on a terminal. */
import { type Context, isDumb } from '../context.ts';

export interface Progress {
  readonly update: (settled: number, all: number) => void;
  readonly clear: () => void;
}

const barWidth = 24;

export function createProgress({ world, options }: Context, title: string): Progress {
  if (!world.isErrTerminal || isDumb(world.env) || options.quiet === true) return { update: () => {}, clear: () => {} };
  let isShown = false;
  return {
    update: (settled, all) => {
      isShown = true;
      world.err(`\r\u001b[K${progressText(title, settled, all)}`);
    },
    clear: () => {
      if (isShown) world.err('\r\u001b[K');
      isShown = false;
    },
  };
}

export function progressText(title: string, settled: number, all: number): string {
  const filled = all === 0 ? barWidth : Math.round((settled / all) * barWidth);
  return `${title} [${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ${settled}/${all}`;
}
