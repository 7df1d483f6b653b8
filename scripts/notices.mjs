/** The licences of the packages whose code is in the bundle, as their terms ask for. */
import { licenceTexts } from './bundled.mjs';

/** @param packages as `bundledPackages` tells them */
export function noticesFor(packages) {
  return packages.map(noticeOf).join('\n');
}

function noticeOf({ folder, manifest: { name, version, license }, vendored }) {
  const inside = vendored.map((part) => {
    const title = [part.name, part.version].filter(Boolean).join(' ');
    return `Contains code of ${title} (${part.license}, ${part.source}):\n${part.copyright}`;
  });
  const texts = [...licenceTexts({ folder }), ...inside].map((text) => `\n${text}\n`);
  return `${name} ${version} (${license})\n${texts.join('')}${'-'.repeat(80)}\n`;
}
