import type { Home, KnownAs } from '@postern/kernel';
import { changeOf, type Change, type ChangeKind } from './change.js';
import type { User } from './users.js';

/** How many take one way. `share`: of all that were compared, 0 to 1. */
export interface Way {
  readonly kind: ChangeKind;
  readonly from: string;
  readonly to: string;
  readonly users: number;
  readonly share: number;
}

/** One user whose place, name or fate deserves a look. */
export interface Person {
  readonly user: string;
  /** The canonical user in the new config, where it is another one. */
  readonly userAfter?: string;
  readonly line?: number;
  readonly from: string;
  readonly to: string;
  readonly why?: string;
}

export interface Totals {
  readonly compared: number;
  /** Of them: users of a sample. */
  readonly madeUp: number;
  readonly stay: number;
  readonly move: number;
  readonly nowNowhere: number;
  readonly newlyPlaced: number;
  readonly stillNowhere: number;
  readonly cannotTell: number;
  /** Whose canonical name differs between the configs, wherever they are. */
  readonly renamed: number;
  readonly noLogins: number;
}

export type Known = Readonly<Record<KnownAs, number>>;

/** What the comparison came to. The lists hold no made-up users, and only their beginnings unless all were asked for. */
export interface Findings {
  readonly totals: Totals;
  /** Largest first; those who stay are not in it. */
  readonly ways: readonly Way[];
  readonly movers: readonly Person[];
  readonly renamed: readonly Person[];
  readonly unclear: readonly Person[];
  readonly noLogins: readonly { readonly line?: number; readonly why: string }[];
  /** What the stores of each config know of those whose place is told. */
  readonly known: { readonly before: Known; readonly after: Known };
}

/** How many of each list are kept when not all are asked for. */
export const shown = 20;

const nothingKnown = (): Record<KnownAs, number> => ({ found: 0, 'unknown-user': 0, refused: 0, 'not-asked': 0 });

/** Counts what becomes of the users, one after the other. */
export class Tally {
  readonly #most: number;
  readonly #kinds = new Map<ChangeKind, number>();
  readonly #ways = new Map<string, { readonly change: Change; users: number }>();
  readonly #movers: Person[] = [];
  readonly #renamed: Person[] = [];
  readonly #unclear: Person[] = [];
  readonly #noLogins: { readonly line?: number; readonly why: string }[] = [];
  readonly #known = { before: nothingKnown(), after: nothingKnown() };
  #renamedCount = 0;
  #madeUp = 0;
  #noLoginCount = 0;

  constructor(all: boolean) {
    this.#most = all ? Infinity : shown;
  }

  /** A line that holds nothing to compare. */
  addTrouble({ line, trouble = '' }: User): void {
    this.#noLogin(line, trouble);
  }

  add(user: User, before: Home, after: Home): void {
    const change = changeOf(before, after);
    if (change.kind === 'no-login') return this.#noLogin(user.line, change.why ?? '');
    this.#kinds.set(change.kind, this.#of(change.kind) + 1);
    if ('known' in before) this.#known.before[before.known] += 1;
    if ('known' in after) this.#known.after[after.known] += 1;
    if (user.madeUp === true) this.#madeUp += 1;
    this.#count(change);
    this.#list(user, change);
  }

  findings(): Findings {
    const compared = [...this.#kinds.values()].reduce((sum, count) => sum + count, 0);
    const ways = [...this.#ways.values()].map(({ change: { kind, from, to }, users }) => ({
      kind,
      from,
      to,
      users,
      share: users / compared,
    }));
    return {
      totals: this.#totals(compared),
      ways: ways.sort((one, other) => other.users - one.users || (`${one.from} ${one.to}` < `${other.from} ${other.to}` ? -1 : 1)),
      movers: this.#movers,
      renamed: this.#renamed,
      unclear: this.#unclear,
      noLogins: this.#noLogins,
      known: this.#known,
    };
  }

  #totals(compared: number): Totals {
    return {
      ...{ compared, madeUp: this.#madeUp, renamed: this.#renamedCount, noLogins: this.#noLoginCount },
      stay: this.#of('stays'),
      move: this.#of('moves'),
      nowNowhere: this.#of('now-nowhere'),
      newlyPlaced: this.#of('newly-placed'),
      stillNowhere: this.#of('still-nowhere'),
      cannotTell: this.#of('unclear'),
    };
  }

  #of(kind: ChangeKind): number {
    return this.#kinds.get(kind) ?? 0;
  }

  #noLogin(line: number | undefined, why: string): void {
    this.#noLoginCount += 1;
    if (this.#noLogins.length < this.#most) this.#noLogins.push({ ...(line !== undefined && { line }), why });
  }

  #count(change: Change): void {
    const { kind, from, to } = change;
    if (kind !== 'moves' && kind !== 'now-nowhere' && kind !== 'newly-placed') return;
    const key = JSON.stringify([kind, from, to]);
    const way = this.#ways.get(key) ?? { change, users: 0 };
    way.users += 1;
    this.#ways.set(key, way);
  }

  #list({ line, login, madeUp }: User, change: Change): void {
    const { kind, from, to, user, userAfter, why } = change;
    const renamed = user !== undefined && userAfter !== undefined && user !== userAfter;
    if (renamed) this.#renamedCount += 1;
    if (madeUp === true) return;
    const person = (): Person => ({
      user: user ?? userAfter ?? login,
      ...(renamed && { userAfter }),
      ...(line !== undefined && { line }),
      ...{ from, to },
      ...(why !== undefined && { why }),
    });
    const keep = (list: Person[]): void => {
      if (list.length < this.#most) list.push(person());
    };
    if (renamed) keep(this.#renamed);
    if (kind === 'moves' || kind === 'now-nowhere') keep(this.#movers);
    if (kind === 'unclear') keep(this.#unclear);
  }
}
