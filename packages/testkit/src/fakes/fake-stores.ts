import type { Clock, CredentialStore, Heard, LoginAttempt, NamedStore, Stores } from '@postern/contract';

type Question<T> = (signal: AbortSignal) => Promise<T>;
type Timed = <T>(ask: Question<T>, signal: AbortSignal) => Promise<T | { readonly kind: 'deferred'; readonly cause: unknown }>;

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

  #named(name: string, store: CredentialStore): NamedStore {
    return {
      name,
      within: (ms) => this.#named(name, within(ms, store, this.#clock)),
      abilities: store.abilities,
      verify: (attempt, signal) => store.verify(attempt, signal),
      ...(store.lookup && { lookup: store.lookup.bind(store) }),
      ...(store.enroll && { enroll: store.enroll.bind(store) }),
      ...(store.kept && { kept: store.kept.bind(store) }),
      ...(store.withdraw && { withdraw: store.withdraw.bind(store) }),
    };
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
}

/** Silence is *deferred*, and the store is told to give up. */
const within = (ms: number, store: CredentialStore, clock: Pick<Clock, 'after'> | undefined): CredentialStore => {
  if (clock === undefined) return store;
  const timed: Timed = (ask, signal) =>
    new Promise((resolve, reject) => {
      const own = new AbortController();
      const cause = new Error(`no answer within ${ms} ms`);
      const callOff = clock.after(ms, () => (resolve({ kind: 'deferred', cause }), own.abort(cause)));
      ask(AbortSignal.any([signal, own.signal]))
        .finally(callOff)
        .then(resolve, reject);
    });
  const lookup = store.lookup?.bind(store);
  const enroll = store.enroll?.bind(store);
  const kept = store.kept?.bind(store);
  const withdraw = store.withdraw?.bind(store);
  return {
    abilities: store.abilities,
    verify: (attempt, signal) => timed((own) => store.verify(attempt, own), signal),
    ...(lookup && { lookup: (user, signal) => timed((own) => lookup(user, own), signal) }),
    ...(enroll && { enroll: (account, hash, signal) => timed((own) => enroll(account, hash, own), signal) }),
    ...(kept && { kept: (user, signal) => timed((own) => kept(user, own), signal) }),
    ...(withdraw && { withdraw: (user, hash, signal) => timed((own) => withdraw(user, hash, own), signal) }),
  };
};
