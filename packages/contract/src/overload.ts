const deepest = 4;

/**
 * Whether a cause says "I cannot tell about this one login" and not "out of order": it, or what caused it, is an error with the property
 * `ofThisLogin: true`. It is deferred all the same. But what anybody may type must not make the host take a store for fallen.
 */
export const isOfThisLogin = (cause: unknown): boolean => isMarked(cause, 'ofThisLogin', deepest);

/** The cause of a store's *deferred* that is about one login's own record: its hash cannot be read, two rows are called so. */
export class TroubleOfThisLogin extends Error {
  override readonly name: string = 'TroubleOfThisLogin';
  readonly ofThisLogin = true;
}

/**
 * Whether a cause says "too much to do" and not "out of order": it, or what caused it, is an error with the property `overloaded: true`.
 * Both are deferred. But a store whose queue is full still works, and the host must not take it for fallen.
 */
export const isOverload = (cause: unknown): boolean => isMarked(cause, 'overloaded', deepest);

const isMarked = (cause: unknown, mark: 'overloaded' | 'ofThisLogin', depth: number): boolean => {
  try {
    if (depth === 0 || !(cause instanceof Error)) return false;
    return (cause as { readonly [M in typeof mark]?: unknown })[mark] === true || isMarked(cause.cause, mark, depth - 1);
  } catch {
    // What cannot be looked at says nothing.
    return false;
  }
};
