/** Builds the project before the tests run, so that the precompiled validators and the command exist. */
import { build } from '../scripts/build.mjs';

export async function setup(): Promise<void> {
  await build();
}
