import type { Clock, CredentialStore, Heard, LoginAttempt, NamedStore, Stores } from '@postern/contract';

interface Deferred {
  readonly kind: 'deferred';
  readonly cause: unknown;
}

/** `Stores` that hold what a test puts there. */
export class FakeStores implements Stores {
  readonly #stores = new Map<string, NamedStore>();
  readonly #heard = new Map<string, readonly Heard[]>();
  readonly #clock: Pick<Clock, 'after'> | undefined;

  /** `clock`: by which the time of `within` passes; absent: it never does. */
  constructor(clock?: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  /** Methods the store lacks are lacking here, too. */
  put(name: string, store: CredentialStore): this {
    this.#stores.set(name, this.#named(name, store));
    return this;
  }

  /** What the stores are to have said to an attempt. */
  tell(attempt: LoginAttempt, ...heard: readonly Heard[]): void {
    this.#heard.set(attempt.id, heard);
  }

  get(name: string): NamedStore | undefined {
    return this.#stores.get(name);
  }

  heard(attempt: LoginAttempt): readonly Heard[] {
    return this.#heard.get(attempt.id) ?? [];
  }

  /** `ms`: for one answer; absent: as long as it takes. */
  #named(name: string, store: CredentialStore, ms?: number): NamedStore {
    const ask = <T>(question: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T | Deferred> =>
      answered(ms === undefined || this.#clock === undefined ? question : inTime(question, ms, this.#clock), signal);
    const lookup = store.lookup?.bind(store);
    const enroll = store.enroll?.bind(store);
    const kept = store.kept?.bind(store);
    const withdraw = store.withdraw?.bind(store);
    return {
      name,
      within: (shorter) => this.#named(name, store, Math.min(shorter, ms ?? Infinity)),
      abilities: store.abilities,
      verify: (attempt, signal) => ask((own) => store.verify(attempt, own), signal),
      ...(lookup && { lookup: (user, signal) => ask((own) => lookup(user, own), signal) }),
      ...(enroll && { enroll: (account, hash, signal) => ask((own) => enroll(account, hash, own), signal) }),
      ...(kept && { kept: (user, signal) => ask((own) => kept(user, own), signal) }),
      ...(withdraw && { withdraw: (user, hash, signal) => ask((own) => withdraw(user, hash, own), signal) }),
    };
  }
}

/** What is thrown is *deferred*. */
const answered = async <T>(question: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T | Deferred> => {
  try {
    return await question(signal);
  } catch (cause) {
    return { kind: 'deferred', cause };
  }
};

/** Rejects after `ms` milliseconds, and tells the store to give up. */
const inTime =
  <T>(question: (signal: AbortSignal) => Promise<T>, ms: number, clock: Pick<Clock, 'after'>) =>
  (signal: AbortSignal): Promise<T> =>
    new Promise((resolve, reject) => {
      const own = new AbortController();
      const late = new Error(`no answer within ${ms} ms`);
      const callOff = clock.after(ms, () => {
        own.abort(late);
        reject(late);
      });
      question(AbortSignal.any([signal, own.signal]))
        .finally(callOff)
        .then(resolve, reject);
    });
