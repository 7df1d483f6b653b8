/** Whether this Node.js is one the tool runs on: asked before anything is loaded that an older one could not read. */
import { oldestNode } from '../version.ts';

/** One line for whoever runs a Node.js that is too old, or undefined; what is missing there would be told as a bug of ours. */
export function nodeProblem(running: string): string | undefined {
  const [major, minor] = numbers(running);
  const [oldestMajor, oldestMinor] = numbers(oldestNode);
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  return `bitrix-events needs Node.js ${oldestNode} or newer, and this is ${running}`;
}

function numbers(version: string): readonly [major: number, minor: number] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return [major, minor];
}
