/** @throws when tag, package, repository and changelog do not agree */
export function releaseNotes(
  tag: string,
  repository: string,
  files: {
    readonly manifest: { readonly version: string; readonly repository?: { readonly url: string } };
    readonly changelog: string;
  },
): string;
