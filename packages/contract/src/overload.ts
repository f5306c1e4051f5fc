const deepest = 4;

/**
 * Whether a cause says "too much to do" and not "out of order": it, or what caused it, is an error with the property `overloaded: true`.
 * Both are deferred. But a store whose queue is full still works, and the host must not take it for fallen.
 */
export const isOverload = (cause: unknown, depth = deepest): boolean => {
  try {
    if (depth === 0 || !(cause instanceof Error)) return false;
    return ('overloaded' in cause && cause.overloaded === true) || isOverload(cause.cause, depth - 1);
  } catch {
    // What cannot be looked at says nothing.
    return false;
  }
};
