import type { Strategy } from './strategy.js';

/** What a strategy said, by the first of Passport's five verbs that it called. */
export type Said =
  | { readonly kind: 'success'; readonly user: unknown }
  /** `status`: as an HTTP status, where the strategy gave one. */
  | { readonly kind: 'fail'; readonly status?: number }
  | { readonly kind: 'redirect' | 'pass' }
  | { readonly kind: 'error'; readonly cause: unknown };

type Settle = (said: Said) => void;

/** Looks at what the strategy hands to its verify function; gives the reason not to call it. */
export type HandedOver = (args: readonly unknown[]) => string | undefined;

/**
 * Asks a strategy once. Settles once, and never rejects: later verbs are dropped, a strategy cannot be called off, and after an
 * abort nobody listens any more.
 *
 * The verbs hang on an object of this attempt alone: on the shared strategy (as `passport.authenticate(object)` has them) two
 * logins at once would answer each other (passport #1003).
 */
export const runStrategy = (strategy: Strategy, request: object, signal: AbortSignal, handedOver?: HandedOver): Promise<Said> =>
  new Promise((resolve) => {
    const settle: Settle = (said) => {
      signal.removeEventListener('abort', giveUp);
      resolve(said);
    };
    const giveUp = (): void => settle({ kind: 'error', cause: signal.reason });
    if (signal.aborted) return giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      // A strategy that awaits and then throws gives a promise that Passport itself would drop.
      orFail(equipped(strategy, settle, handedOver).authenticate(request, {}), settle);
    } catch (cause) {
      settle({ kind: 'error', cause });
    }
  });

const equipped = (strategy: Strategy, settle: Settle, handedOver?: HandedOver): Strategy => {
  const verbs = {
    success: (user: unknown) => settle({ kind: 'success', user }),
    fail: (challenge: unknown, status: unknown) => settle(failed(typeof challenge === 'number' ? challenge : status)),
    redirect: () => settle({ kind: 'redirect' }),
    pass: () => settle({ kind: 'pass' }),
    error: (cause: unknown) => settle({ kind: 'error', cause }),
    ...guardedVerify(strategy, settle, handedOver),
  };
  const descriptors = Object.entries(verbs).map(([name, value]) => [name, { value, writable: true, configurable: true }] as const);
  return Object.create(strategy, Object.fromEntries(descriptors)) as Strategy;
};

const failed = (given: unknown): Said => {
  const status = typeof given === 'string' && /^\d{3}$/.test(given) ? Number(given) : given;
  return typeof status === 'number' ? { kind: 'fail', status } : { kind: 'fail' };
};

const orFail = (result: unknown, settle: Settle): void => {
  if (!isThenable(result)) return;
  result.then(undefined, (cause: unknown) => settle({ kind: 'error', cause }));
};

export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

type AnyFunction = (...args: readonly unknown[]) => unknown;

/**
 * Where strategies keep the operator's own function. They drop what it returns, so that an `async` one that throws would leave the
 * login hanging and raise an unhandled rejection.
 */
const verifyNames = ['_verify', 'verify'] as const;

const guardedVerify = (
  strategy: object,
  settle: Settle,
  handedOver: HandedOver = () => undefined,
): Readonly<Record<string, AnyFunction>> => {
  const guarded: Record<string, AnyFunction> = {};
  for (const name of verifyNames) {
    const own: unknown = Reflect.get(strategy, name);
    if (typeof own !== 'function') continue;
    const guard = function (this: unknown, ...args: readonly unknown[]): unknown {
      const why = handedOver(args);
      if (why !== undefined) return settle({ kind: 'error', cause: new Error(why) });
      const result: unknown = Reflect.apply(own, this, args);
      orFail(result, settle);
      return result;
    };
    // Some strategies look at how many parameters it has.
    guarded[name] = Object.defineProperty(guard, 'length', { value: own.length });
  }
  return guarded;
};
