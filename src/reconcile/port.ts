/** The world as the reconciler sees it: one portal that can be read and told to change. */
import type { Binding } from '../core/binding.ts';
import type { PortalIdentity, Reading } from '../core/reading.ts';

/** One thing to do on the portal. `record` keeps a ledger text in the application's options. */
export type Command =
  | { readonly kind: 'bind'; readonly binding: Binding }
  | { readonly kind: 'unbind'; readonly binding: Binding }
  | { readonly kind: 'record'; readonly name: string; readonly text: string };

/**
 * One HTTP request.
 * A batch runs its commands in order, goes on after a failure, and reads the bindings back at its end.
 * A direct call carries the one command that a batch would corrupt.
 */
export type Call =
  | { readonly kind: 'batch'; readonly authConnector: string; readonly commands: readonly Command[] }
  | { readonly kind: 'direct'; readonly command: Command };

/** What became of one command, as far as the answer tells. */
export type CommandOutcome =
  /** `removed`: how many rows an unbind took away. */
  | { readonly kind: 'done'; readonly removed?: number }
  /** "Handler already binded": true only once a reading shows the row. */
  | { readonly kind: 'already' }
  /** Another process holds the portal's lock on this very binding. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  /** Refused for a limit and so not carried out; it is worth another try after `waitMs`. */
  | { readonly kind: 'limited'; readonly message: string; readonly waitMs: number }
  /** The request was surely not carried out, so the command was not either. */
  | { readonly kind: 'not-sent'; readonly message: string }
  /** No readable answer: it may have happened. */
  | { readonly kind: 'unknown'; readonly message: string };

/** What came of a request that carried commands. */
export interface Answer {
  /** One a command, in order. */
  readonly outcomes: readonly CommandOutcome[];
  /** The bindings as the same request read them back; undefined when it could not. */
  readonly live: readonly Binding[] | undefined;
}

/** All that planning and applying need of a portal: reading it, and sending commands. */
export interface PortalPort {
  /**
   * Reads everything in one HTTP request.
   * @throws PortalError, NetworkError
   */
  read(): Promise<Reading>;
  /**
   * Makes sure that this is the portal whose member id it goes by, where nobody but the environment has said so.
   * @throws PortalError `foreign-tokens` when it is another one
   * @throws PortalError, NetworkError when the authorisation server has to be asked and gives no answer
   */
  confirm(): Promise<void>;
  /**
   * Reads the bindings alone.
   * @throws PortalError, NetworkError
   */
  readLive(): Promise<readonly Binding[]>;
  /**
   * Makes one HTTP request and never repeats one whose outcome is not known.
   * What goes wrong is told in the outcomes; it throws only for what makes any further call pointless.
   * @throws PortalError when the credentials are dead or the portal is gone; UsageError, NetworkError when the store of tokens is out of
   *   reach, and `lock-lost`
   */
  execute(call: Call, as: PortalIdentity): Promise<Answer>;
}
