import { type Clock, isOfThisLogin, type Verdict } from '@postern/contract';
import { Condition } from './condition.js';
import { Line } from './line.js';
import { noteOf } from './note.js';
import type { Place } from './place.js';

/** One server: who may ask it now, and how it is. */
export class Server {
  readonly place: Place;
  readonly condition: Condition;
  readonly #line: Line;

  constructor(place: Place, limits: { readonly concurrency: number; readonly waiting: number }, clock: Clock) {
    this.place = place;
    this.condition = new Condition(clock);
    this.#line = new Line(limits);
  }

  /** Nothing is lost when it is forgotten. */
  get dispensable(): boolean {
    return this.#line.idle && this.condition.trouble === undefined;
  }

  /** Runs `work` when its turn comes, and keeps in mind how it went. `given`: the caller's own signal, which says nothing of the server. */
  async judge(user: string, limited: AbortSignal, given: AbortSignal, work: () => Promise<Verdict>): Promise<Verdict> {
    try {
      const verdict = await this.#line.during(user, limited, work);
      if (verdict.kind === 'deferred') this.condition.failed(noteOf(verdict.cause));
      else this.condition.answered();
      return verdict;
    } catch (cause) {
      if (given.aborted || isOfThisLogin(cause)) this.condition.doubted();
      else this.condition.failed(noteOf(cause));
      throw cause;
    }
  }
}
