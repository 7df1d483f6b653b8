/** How long the command takes to start, against Node.js doing nothing. */
import * as nodeModule from 'node:module';
import { aim, cli, interleave, median, printTable, wallTime } from './measure.mjs';

const rounds = 31;

/** Without a cache of compiled code everything is compiled at every start. */
const hasCompileCache = 'enableCompileCache' in nodeModule;

export function benchStartUp() {
  const jobs = [
    ['node -e 0', ['-e', '0']],
    ['bitrix-events --version', [cli, '--version'], 1.5],
    ['bitrix-events validate', [cli, 'validate'], hasCompileCache ? 2.5 : 3],
    // What a shell runs at every Tab.
    ['completing a word', [cli, 'complete', '--', 'plan', '--format=js'], 3],
  ];
  const medians = interleave(
    rounds,
    jobs.map(
      ([, args]) =>
        () =>
          wallTime(args),
    ),
  ).map(median);
  printTable(`Start-up: wall time, median of ${rounds}`, [
    ['command', 'ms', 'ratio', ''],
    ...jobs.map(([name, , limit], index) => {
      const ratio = medians[index] / medians[0];
      return [
        name,
        medians[index].toFixed(1),
        `${ratio.toFixed(2)}×`,
        limit === undefined ? '' : aim(ratio, limit, '×'),
      ];
    }),
  ]);
}
