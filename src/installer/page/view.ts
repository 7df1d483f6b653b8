/** What the installation page shows: a value, so that the installer decides and the page only draws. */

export interface InstallView {
  readonly language: 'en' | 'ru';
  /**
   * - `converged`: everything the manifest asks for is bound
   * - `working`: the installation goes on after this answer; the page asks again by its retry
   * - `failed`: `problems` say why
   * - `refused`: an administrator has to open the application
   */
  readonly outcome: 'converged' | 'failed' | 'working' | 'refused';
  /** Undefined where they are not known any more. */
  readonly bindings: readonly InstallViewBinding[] | undefined;
  /** After convergence what is worth knowing. */
  readonly problems: readonly InstallViewProblem[];
  /** How many there are beyond those. */
  readonly more?: { readonly bindings: number; readonly problems: number };
  /** What is posted to the installer to try again; undefined where there is nothing to try. It becomes part of the page. */
  readonly retry: InstallViewRetry | undefined;
  /** Origin of the verified `client_endpoint`: whose frame this is, never what a request claims. */
  readonly portalOrigin: string;
  /** The authorisation server that speaks for the portal; undefined where that is not known. */
  readonly server?: string | undefined;
  /** Whether the page tells the portal that the installation is finished. Only after convergence. */
  readonly finish: boolean;
}

export interface InstallViewProblem {
  /** One line, for people, in English as every message of bitrix-events is. */
  readonly text: string;
  /** What docs/errors.md explains, and what a log has more about. */
  readonly code: string;
}

export interface InstallViewBinding {
  /** Name of the event, in upper case. */
  readonly event: string;
  /** Where its events go: a handler as it may be shown, or the offline queue. */
  readonly target: string;
}

export interface InstallViewRetry {
  /** Path of the installer, with the query the portal sent: a page that posts to another origin is stopped by the browser. */
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}
