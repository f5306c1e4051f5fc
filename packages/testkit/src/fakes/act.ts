/** What a fake does when it is asked. */
export type Act<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'throw'; readonly error: unknown }
  /** Throws before it gives a promise at all, as a plugin with a bug may. */
  | { readonly kind: 'throw-at-once'; readonly error: unknown }
  /** Rejects with the signal's reason once it aborts, as a well-behaved driver does. */
  | { readonly kind: 'hang-until-aborted' }
  /** Never settles and ignores the signal. */
  | { readonly kind: 'hang' }
  /** Something that is no answer at all. */
  | { readonly kind: 'garbage'; readonly value: unknown }
  /** Goes on when `gate` resolves, whatever the signal says: an answer that comes late. */
  | { readonly kind: 'wait'; readonly gate: Promise<unknown>; readonly then: Act<T> };

/** One act for ever; several, one per question, the last one repeated; or a function of the question and its number (from 0). */
export type Script<Q, T> = Act<T> | readonly Act<T>[] | ((question: Q, index: number) => Act<T>);

/** The answer comes at once. */
export const answers = <T>(value: T): Act<T> => ({ kind: 'answer', value });
/** Rejects, as a plugin in trouble does. */
export const throws = (error: unknown = new Error('the fake was told to throw')): Act<never> => ({ kind: 'throw', error });
/** Throws before there is a promise. */
export const throwsAtOnce = (error: unknown = new Error('the fake was told to throw')): Act<never> => ({ kind: 'throw-at-once', error });
/** No answer; rejects with the signal's reason when it aborts. */
export const hangsUntilAborted: Act<never> = { kind: 'hang-until-aborted' };
/** No answer ever, whatever the signal says. */
export const hangs: Act<never> = { kind: 'hang' };
/** A value that the contract does not know, in place of an answer. */
export const garbage = (value: unknown): Act<never> => ({ kind: 'garbage', value });
/** Does `then` once `gate` resolves, even if the signal has aborted meanwhile. */
export const waits = <T>(gate: Promise<unknown>, then: Act<T>): Act<T> => ({ kind: 'wait', gate, then });

/** What a script says to the question number `index`, from 0. Throws when the script is an empty list. */
export const actFor = <Q, T>(script: Script<Q, T>, question: Q, index: number): Act<T> => {
  if (typeof script === 'function') return script(question, index);
  if (!isList(script)) return script;
  const act = script[Math.min(index, script.length - 1)];
  if (act === undefined) throw new Error('an empty script says nothing');
  return act;
};

const isList = <T>(script: Act<T> | readonly Act<T>[]): script is readonly Act<T>[] => Array.isArray(script);

/** Does it. */
export const perform = <T>(act: Act<T>, signal: AbortSignal): Promise<T> => {
  switch (act.kind) {
    case 'answer':
      return Promise.resolve(act.value);
    case 'garbage':
      return Promise.resolve(act.value as T);
    case 'throw':
      return rejecting(act.error);
    case 'throw-at-once':
      throw act.error;
    case 'hang':
      return new Promise(() => undefined);
    case 'hang-until-aborted':
      return untilAborted(signal);
    case 'wait':
      return act.gate.then(() => perform(act.then, signal));
  }
};

/** Anything may be thrown in JavaScript, and a plugin may throw anything. */
const rejecting = async (error: unknown): Promise<never> => {
  await Promise.resolve();
  throw error;
};

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const give = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
