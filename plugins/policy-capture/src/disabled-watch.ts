import type { Change, Clock, Ledger, Lookup, RefusedWhy, Services } from '@postern/contract';
import { BoundedMap } from './bounded-map.js';
import { unlessAborted, within } from './patience.js';
import { changedAt, lookUp, type Person } from './people.js';

export interface DisabledWatchParts extends Pick<Services, 'stores'> {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Instance name of the store that is watched. */
  readonly store: string;
  /** How long an answer is believed. */
  readonly keptMs: number;
  readonly timeoutMs: number;
}

/** What a store says of an account. */
export interface Said {
  /** Why it is refused; undefined: it is not, or was never as far as anybody knows. */
  readonly why: RefusedWhy | undefined;
  /** When its password was changed, in milliseconds since 1970; undefined: the store does not say. */
  readonly changed?: number | undefined;
  /** What it calls the user; undefined: it does not say. */
  readonly name?: string | undefined;
}

interface Mark extends Said {
  /** Monotonic milliseconds. */
  readonly until: number;
}

const mostRemembered = 50_000;
/** Nobody who waits aborts a question that others wait for, too; it ends by its own time. */
const never = new AbortController().signal;

/** Whether a store, which did not answer the login itself, has the account disabled. Asks once for all who wait for the same. */
export class DisabledWatch {
  readonly #parts: DisabledWatchParts;
  readonly #marks = new BoundedMap<Mark>(mostRemembered);
  /** What the ledger was told last. */
  readonly #told = new BoundedMap<'disabled' | 'enabled'>(mostRemembered);
  readonly #asking = new Map<string, Promise<Said>>();

  constructor(parts: DisabledWatchParts) {
    this.#parts = parts;
  }

  objection(person: Person, signal: AbortSignal): Promise<Said> {
    const mark = this.#marks.get(person.user);
    if (mark !== undefined && this.#parts.clock.monotonic() < mark.until) return Promise.resolve(mark);
    return unlessAborted(this.#asking.get(person.user) ?? this.#begin(person), signal);
  }

  /** As `objection`, without keeping or noting anything. */
  async rehearse(person: Person, signal: AbortSignal): Promise<Said> {
    const found = await this.#ask(person, signal);
    return { why: found.kind === 'refused' ? found.why : undefined };
  }

  /** Asks anew; another process may have told the ledger otherwise since. For an outage, what was said last stays. */
  forget(change: Change): void {
    if ('user' in change) {
      const mark = this.#marks.get(change.user);
      if (mark !== undefined) this.#marks.set(change.user, { ...mark, until: -Infinity });
      this.#told.delete(change.user);
    } else {
      this.#marks.clear();
      this.#told.clear();
    }
  }

  #begin(person: Person): Promise<Said> {
    const asking = this.#find(person).finally(() => this.#asking.delete(person.user));
    this.#asking.set(person.user, asking);
    return asking;
  }

  async #find(person: Person): Promise<Said> {
    const { clock, keptMs } = this.#parts;
    const before = this.#marks.get(person.user);
    const found = await this.#ask(person, never);
    const why = await this.#reasonIn(found, person, before);
    const account = found.kind === 'found' ? found.account : undefined;
    const said = { why, changed: account && changedAt(account), name: account?.user };
    this.#marks.set(person.user, { ...said, until: clock.monotonic() + keptMs });
    return said;
  }

  #ask(person: Person, signal: AbortSignal): Promise<Lookup> {
    const { stores, store, timeoutMs } = this.#parts;
    return lookUp(stores.get(store)?.within(timeoutMs), person, signal);
  }

  async #reasonIn(found: Lookup, person: Person, before: Mark | undefined): Promise<RefusedWhy | undefined> {
    switch (found.kind) {
      case 'found':
        this.#tell(person.user, 'enabled');
        return undefined;
      case 'refused':
        this.#tell(person.user, 'disabled');
        return found.why;
      case 'unknown-user':
        return undefined;
      case 'deferred':
        // Another process may have heard later than this one that it is disabled.
        return before?.why ?? this.#lastKnown(person);
    }
  }

  /** A ledger that cannot be read keeps nobody out. */
  async #lastKnown({ user }: Person): Promise<RefusedWhy | undefined> {
    const { clock, ledger, store, timeoutMs } = this.#parts;
    try {
      const entry = await within(clock, timeoutMs, never, (given) => ledger.find(user, given));
      return entry?.disabledIn.includes(store) === true ? 'disabled' : undefined;
    } catch {
      return undefined;
    }
  }

  /** The ledger needs no line for each login that is let in. */
  #tell(user: string, kind: 'disabled' | 'enabled'): void {
    const { ledger, store } = this.#parts;
    if (kind === 'enabled' && this.#told.get(user) === kind) return;
    this.#told.set(user, kind);
    ledger.note({ kind, user, store });
  }
}
