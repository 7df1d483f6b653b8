/** What a page of ours may do in a browser, as a content security policy: nothing but what is named. */

export interface PagePolicy {
  /** Sources of scripts and of styles, such as `'nonce-…'` or `'sha256-…'`. */
  readonly scripts: string;
  readonly styles: string;
  /** Where forms may be posted to. Default nowhere. */
  readonly forms?: string | undefined;
  /** Whose frame may show it; left out where the policy stands in the page itself, which cannot say so. */
  readonly frames?: string | undefined;
}

export function policyText({ scripts, styles, forms = `'none'`, frames }: PagePolicy): string {
  return [
    `default-src 'none'`,
    `script-src ${scripts}`,
    `style-src ${styles}`,
    `form-action ${forms}`,
    `base-uri 'none'`,
    ...(frames === undefined ? [] : [`frame-ancestors ${frames}`]),
  ].join('; ');
}
