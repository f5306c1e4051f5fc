import assert from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import { inspect } from 'node:util';
import type { LoginAttempt, Verdict } from '@postern/contract';
import { attempt as makeAttempt, type AttemptParts } from '../../fakes/attempt.js';
import { fakeServices, type FakeServices } from '../../fakes/fake-services.js';
import type { CredentialStoreSetup, StoreUnderTest } from '../credential-store.js';

export const defaultWrong = 'certainly not the password';

/** A store that was made for one case, with its signal and what it was handed. */
export class OpenedStore {
  readonly store: StoreUnderTest;
  readonly services: FakeServices;
  readonly signal: AbortSignal = new AbortController().signal;
  readonly #setup: CredentialStoreSetup;
  readonly #said: string[] = [];

  constructor(setup: CredentialStoreSetup, store: StoreUnderTest, services: FakeServices) {
    this.#setup = setup;
    this.store = store;
    this.services = services;
    // Many logins of one case share it, as no logins of a host do.
    setMaxListeners(0, this.signal);
  }

  /** One login, counted as the host counts it: whatever is thrown is *deferred*. The attempt is frozen: a store must not write to it. */
  async ask(parts: AttemptParts, signal: AbortSignal = this.signal): Promise<Verdict> {
    const attempt: LoginAttempt = Object.freeze(makeAttempt(parts));
    const verdict = await this.#verify(attempt, signal);
    // An accepted account may carry the clear text on purpose, for APOP and CRAM-MD5.
    this.#said.push(verdict.kind === 'accepted' ? inspect(verdict.account.attributes) : inspect(verdict, { depth: 6 }));
    return verdict;
  }

  async #verify(attempt: LoginAttempt, signal: AbortSignal): Promise<Verdict> {
    try {
      return await this.store.verify(attempt, signal);
    } catch (cause) {
      return { kind: 'deferred', cause };
    }
  }

  /** No password of the set-up may stand in logs, metrics, shared keys or causes. */
  assertDiscreet(): void {
    const { known, wrong = defaultWrong, disabled, many = [] } = this.#setup;
    const secrets = [known, ...(disabled === undefined ? [] : [disabled]), ...many].map((login) => login.password);
    const said = [this.services.log.text(), this.services.metrics.text(), ...this.services.shared.keys, ...this.#said].join('\n');
    for (const secret of [...secrets, wrong])
      assert.ok(!said.includes(secret), 'a password stands in logs, metrics, shared keys or causes');
  }
}

type Body = (opened: OpenedStore) => Promise<void>;

/** Makes and starts a store, runs the body, stops it, and looks for passwords in everything it said. */
export const withStore = async (
  setup: CredentialStoreSetup,
  body: Body,
  make: CredentialStoreSetup['make'] = setup.make,
): Promise<void> => {
  const opened = await makeStore(setup, make);
  const { store, signal } = opened;
  await store.start?.(signal);
  try {
    await body(opened);
  } finally {
    await store.stop?.(signal);
  }
  opened.assertDiscreet();
};

export const makeStore = async (setup: CredentialStoreSetup, make: CredentialStoreSetup['make'] = setup.make): Promise<OpenedStore> => {
  const services = setup.services?.() ?? fakeServices();
  return new OpenedStore(setup, await make(services), services);
};

/** A part of the set-up that a case cannot do without. */
export const needed = <T>(part: T | undefined, name: string): T => {
  assert.ok(part !== undefined, `give \`${name}\` in the set-up, or skip this case with a reason`);
  return part;
};

/** Fails when nothing came within two seconds: that is for ever. */
export const soon = async <T>(promise: Promise<T>, what: string): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new assert.AssertionError({ message: `${what} did not end within two seconds` }));
    }, 2000);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
};
