/** What npm runs after it installed a clone, and before it packs one: builds `dist`, without which an install from git has no command. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

if (hasBundler()) {
  execFileSync(process.execPath, [fileURLToPath(new URL('build.mjs', import.meta.url))], { stdio: 'inherit' });
} else {
  // Of `npm ci --omit=dev`, which is right for whoever brings a `dist`.
  console.error('bitrix-events: dist is not built, because the packages that build it are not installed');
}

function hasBundler() {
  try {
    import.meta.resolve('rolldown');
    return true;
  } catch {
    return false;
  }
}
