import type { Unusable } from './check.js';

/** A stored password that was read and found sound. */
export type Opened =
  /** Takes microseconds. */
  | { readonly kind: 'cheap'; readonly holds: (password: Uint8Array) => boolean }
  /** Takes milliseconds of a core; its number at once is bounded. */
  | { readonly kind: 'heavy'; readonly holds: (password: Uint8Array) => Promise<boolean> }
  | Unusable;

/** One way of storing a password, under the names that Dovecot gives it. */
export interface Scheme {
  /** Upper case; the first is the one told to people, the rest mean the same. */
  readonly names: readonly [string, ...string[]];
  /** Reversible, unsalted, or built on MD5 or DES: used only where the operator allows it. */
  readonly weak: boolean;
  /** How the data is written when the scheme's name has no suffix. */
  readonly encoding: 'text' | 'base64' | 'hex';
  /** Bytes of data, where that is always the same: hexadecimal can then be told from base64 by its length, as Dovecot does. */
  readonly size?: number;
  /** Parameters that decide what a check costs; texts that are equal cost the same. */
  readonly costOf?: (data: Buffer) => string;
  /** How strong the parameters are, comparable within the scheme: `needsRehash` asks. Called with data that `open` took. */
  readonly strengthOf?: (data: Buffer) => number;
  open(data: Buffer): Opened;
}
