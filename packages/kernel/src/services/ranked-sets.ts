import type { MemberRules } from '@postern/contract';
import { dropOldest } from './drop-oldest.js';
import { Members } from './members.js';

/** 1, 2–3, 4–7, 8–15 and more members. */
const rankCount = 5;
/** Every rank may keep this share of the room, however many sets the ranks above it hold. */
const shareOfRank = 8;
/** All sets together hold at most this many members for each set that may be. */
const membersPerSet = 4;
/** More than one per note, so that what died goes faster than anything can come in. */
const sweptPerNote = 2;

type Rank = Map<string, Members>;

/**
 * A bounded number of sets. When there is no room left, a set with few members makes it: whoever fills the room with one random
 * thing after another pushes out other random things, and not the counter that already stands at nine. To push that out, they have
 * to bring as many sets of nine. Sets just begun cannot be crowded out for good either: every rank keeps its share.
 */
export class RankedSets {
  readonly #max: number;
  /** By rank; within a rank in the order in which they came there. */
  readonly #ranks: readonly Rank[] = Array.from({ length: rankCount }, () => new Map<string, Members>());
  #members = 0;
  #sweep = this.#walk();

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#ranks.reduce((size, rank) => size + rank.size, 0);
  }

  note(key: string, member: string, rules: MemberRules, now: number): number {
    for (let count = 0; count < sweptPerNote; count++) this.#sweepOne(now);
    const members = this.#take(key) ?? new Members();
    const count = members.note(member, rules, now);
    // It is not among the others meanwhile: it cannot be what makes room for itself.
    while (this.size >= this.#max || (this.size > 0 && this.#members + count > this.#max * membersPerSet)) this.#dropSome();
    this.#put(key, members);
    return count;
  }

  forget(key: string, member: string): void {
    const members = this.#take(key);
    members?.forget(member);
    if (members !== undefined && members.size > 0) this.#put(key, members);
  }

  count(key: string, now: number): number {
    const members = this.#rankWith(key)?.get(key);
    if (members === undefined) return 0;
    const before = members.size;
    const count = members.count(now);
    this.#members -= before - count;
    if (count === 0) this.#take(key);
    return count;
  }

  delete(key: string): void {
    this.#take(key);
  }

  #take(key: string): Members | undefined {
    const rank = this.#rankWith(key);
    const members = rank?.get(key);
    rank?.delete(key);
    this.#members -= members?.size ?? 0;
    return members;
  }

  #put(key: string, members: Members): void {
    this.#ranks[rankOf(members.size)]?.set(key, members);
    this.#members += members.size;
  }

  #rankWith(key: string): Rank | undefined {
    for (const rank of this.#ranks) if (rank.has(key)) return rank;
    return undefined;
  }

  #dropSome(): void {
    const share = Math.floor(this.#max / shareOfRank);
    const rank = this.#ranks.find(({ size }) => size > share) ?? this.#ranks.find(({ size }) => size > 0);
    if (rank !== undefined) dropOldest(rank, this.#max, (key) => this.#take(key));
  }

  #sweepOne(now: number): void {
    const next = this.#sweep.next();
    if (next.done === true) this.#sweep = this.#walk();
    else if (next.value[1].until <= now) this.#take(next.value[0]);
  }

  *#walk(): Generator<[string, Members], undefined> {
    for (const rank of this.#ranks) yield* rank;
    return undefined;
  }
}

const rankOf = (size: number): number => Math.min(rankCount - 1, 31 - Math.clz32(Math.max(size, 1)));
