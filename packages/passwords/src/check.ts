/** The stored text cannot be judged by: an unknown or forbidden scheme, a broken hash, parameters over the limit. Not the user's fault. */
export interface Unusable {
  readonly kind: 'unusable';
  /** For the operator; holds nothing of the stored text but the name of a known scheme and its parameters. */
  readonly why: string;
}

/** `unusable` is "cannot tell": a store answers it with *deferred*, never with *rejected*. */
export type PasswordCheck = 'match' | 'mismatch' | Unusable;

export const unusable = (why: string): Unusable => ({ kind: 'unusable', why });
