import type { Clock, SharedState } from '@postern/contract';
import { z } from 'zod';
import { parsed } from './parsed.js';
import type { Places } from './place.js';

/** Networks remembered for one user. One account that logs in from everywhere takes up no more. */
const mostNetworks = 32;
/** A mark is written anew when more than this share of its life has passed: not with every login. */
const freshShare = 1 / 30;

const marksSchema = z.array(z.tuple([z.string(), z.number()]));
/** By pair: milliseconds since 1970 until which it counts. */
type Marks = z.output<typeof marksSchema>;

export interface Standing {
  readonly good: boolean;
  /** There is no need to say so again. */
  readonly fresh: boolean;
}

/** Where users logged in lately: an attacker can reach the limit of a user, but not lock that user's own devices out. */
export class KnownGood {
  readonly #shared: SharedState;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #forMs: number;

  constructor(shared: SharedState, clock: Pick<Clock, 'now'>, forMs: number) {
    this.#shared = shared;
    this.#clock = clock;
    this.#forMs = forMs;
  }

  async look({ user, pair }: Places): Promise<Standing> {
    const [, until = 0] = (await this.#marks(user.id)).find(([id]) => id === pair.id) ?? [];
    const left = until - this.#clock.now();
    return { good: left > 0, fresh: left > this.#forMs * (1 - freshShare) };
  }

  async mark({ user, pair }: Places): Promise<void> {
    const others = (await this.#marks(user.id)).filter(([id]) => id !== pair.id);
    const marks: Marks = [[pair.id, this.#clock.now() + this.#forMs], ...others.slice(0, mostNetworks - 1)];
    await this.#shared.set(keyOf(user.id), JSON.stringify(marks), this.#forMs);
  }

  async #marks(id: string): Promise<Marks> {
    const text = await this.#shared.get(keyOf(id));
    if (text === undefined) return [];
    const now = this.#clock.now();
    return (parsed(marksSchema, text) ?? []).filter(([, until]) => until > now);
  }
}

const keyOf = (id: string): string => `g:${id}`;
