import type { Experience } from './login.js';
import type { Person } from './people.js';

/** `either`: the password changed meanwhile, or so shortly before that the old one may still be remembered. */
export const truths = ['right', 'wrong', 'either'] as const;
export type Truth = (typeof truths)[number];

/** One password of somebody. Times are of one monotonic clock, in milliseconds. */
interface Period {
  readonly password: string;
  /** It may be right from the one on, and is from the other on. */
  readonly mayFrom: number;
  isFrom: number;
  /** It is right until the one, and may be until the other. */
  isUntil: number;
  mayUntil: number;
}

/** Passwords that change while people log in with them. Without a change, everybody has the one they came with. */
export class Passwords {
  readonly #periods = new Map<string, Period[]>();
  readonly #graceMs: number;
  readonly #now: () => number;

  /** `graceMs`: for how long an old password may still be let in. */
  constructor(graceMs: number, now: () => number = () => performance.now()) {
    this.#graceMs = graceMs;
    this.#now = now;
  }

  /** From now on the store may have the new one; `end` of what is given back: from now on it has. */
  begin(person: Person, password: string): { readonly end: () => void } {
    const now = this.#now();
    const periods = this.#of(person);
    const before = periods.at(-1);
    const after = { password, mayFrom: now, isFrom: Infinity, isUntil: Infinity, mayUntil: Infinity };
    if (before !== undefined) before.isUntil = now;
    const end = (): void => {
      after.isFrom = this.#now();
      if (before !== undefined) before.mayUntil = after.isFrom + this.#graceMs;
    };
    periods.push(after);
    return { end };
  }

  /** What the person would type now; a change under way is not known yet. */
  current(person: Person): string {
    return this.#of(person).findLast(({ isFrom }) => isFrom < Infinity)?.password ?? person.password;
  }

  /** The one before that. */
  previous(person: Person): string | undefined {
    return this.#of(person)
      .filter(({ isFrom }) => isFrom < Infinity)
      .at(-2)?.password;
  }

  truth({ login: { person, password }, from, to }: Experience): Truth {
    const period = person.enabled ? this.#of(person).find((each) => each.password === password) : undefined;
    if (period === undefined || to < period.mayFrom || from > period.mayUntil) return 'wrong';
    return from >= period.isFrom && to <= period.isUntil ? 'right' : 'either';
  }

  #of(person: Person): Period[] {
    const known = this.#periods.get(person.user);
    if (known !== undefined) return known;
    const first = { password: person.password, mayFrom: -Infinity, isFrom: -Infinity, isUntil: Infinity, mayUntil: Infinity };
    this.#periods.set(person.user, [first]);
    return this.#of(person);
  }
}
