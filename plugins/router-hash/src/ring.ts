import { descending } from './descending.js';
import { digestOf, fractionOf, type KeyDigest } from './key-digest.js';

const { log } = Math;

export interface RingMember {
  readonly name: string;
  /** Relative share, above 0. */
  readonly weight: number;
}

interface Seat<M> {
  readonly member: M;
  readonly weight: number;
  readonly digest: KeyDigest;
}

/**
 * Weighted rendezvous hashing (Thaler and Ravishankar 1998; the logarithm method of Schindelhauer and Schomaker 2005):
 * each member scores −weight / ln(fraction of key and name), the highest wins. A member's score depends on nothing but
 * the key, its name and its weight, so taking one out moves its own keys and no others.
 */
export class Ring<M extends RingMember> {
  readonly #seats: readonly Seat<M>[];

  constructor(members: readonly M[]) {
    const byName = [...members].sort((one, other) => (one.name < other.name ? -1 : 1));
    this.#seats = byName.map((member) => ({ member, weight: member.weight, digest: digestOf(member.name) }));
  }

  get empty(): boolean {
    return this.#seats.length === 0;
  }

  /** The member that holds this key; undefined when the ring is empty. */
  best(key: string): M | undefined {
    const digest = digestOf(key);
    let best: M | undefined;
    let highest = -Infinity;
    for (const seat of this.#seats) {
      const score = scoreOf(digest, seat);
      if (score <= highest) continue;
      highest = score;
      best = seat.member;
    }
    return best;
  }

  /** All members, best first. */
  ranked(key: string): readonly M[] {
    const digest = digestOf(key);
    const scores = new Float64Array(this.#seats.length);
    for (let index = 0; index < scores.length; index += 1) scores[index] = scoreOf(digest, this.#seat(index));
    const ranked: M[] = [];
    for (const index of descending(scores)) ranked.push(this.#seat(index).member);
    return ranked;
  }

  #seat(index: number): Seat<M> {
    const seat = this.#seats[index];
    if (seat === undefined) throw new RangeError(`there is no seat ${index}`);
    return seat;
  }
}

const scoreOf = (key: KeyDigest, seat: Seat<RingMember>): number => -seat.weight / log(fractionOf(key, seat.digest));
