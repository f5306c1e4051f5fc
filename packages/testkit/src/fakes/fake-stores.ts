import type { CredentialStore, Heard, LoginAttempt, NamedStore, Stores } from '@postern/contract';

/** `Stores` that hold what a test puts there. */
export class FakeStores implements Stores {
  readonly #stores = new Map<string, NamedStore>();
  readonly #heard = new Map<string, readonly Heard[]>();

  /** Methods the store lacks are lacking here, too. */
  put(name: string, store: CredentialStore): this {
    const named: NamedStore = {
      name,
      abilities: store.abilities,
      verify: (attempt, signal) => store.verify(attempt, signal),
      ...(store.lookup && { lookup: store.lookup.bind(store) }),
      ...(store.enroll && { enroll: store.enroll.bind(store) }),
      ...(store.kept && { kept: store.kept.bind(store) }),
      ...(store.withdraw && { withdraw: store.withdraw.bind(store) }),
    };
    this.#stores.set(name, named);
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
}
