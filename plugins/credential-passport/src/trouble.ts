import type { Clock } from '@postern/contract';
import type { Said } from './run-strategy.js';

/** For so long, in milliseconds, a login that could not be judged says how the strategy is. */
const freshMs = 60_000;

/** What the last login met that could not be judged. */
export class Trouble {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #last: { readonly note: string; readonly at: number } | undefined;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Undefined when there was none lately, or a login was judged since. */
  get note(): string | undefined {
    const last = this.#last;
    return last !== undefined && this.#clock.monotonic() - last.at < freshMs ? last.note : undefined;
  }

  /** `late`: nobody waited any more. */
  heard(said: Said, late: boolean): void {
    const note = late ? 'no answer in time' : noteOf(said);
    this.#last = note === undefined ? undefined : { note, at: this.#clock.monotonic() };
  }
}

const noteOf = (said: Said): string | undefined => {
  if (said.kind === 'error') return `the strategy gave an error${kindOf(said.cause)}`;
  return said.kind === 'fail' && said.status !== undefined && said.status >= 500
    ? `the strategy failed with status ${said.status}`
    : undefined;
};

const word = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;

/** Messages of strategies may hold anything, passwords included, so only names and codes are shown. */
const kindOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return '';
  const words = [cause.name, 'code' in cause ? cause.code : undefined].filter(
    (each): each is string => typeof each === 'string' && word.test(each),
  );
  return words.length === 0 ? '' : `: ${words.join(' ')}`;
};
