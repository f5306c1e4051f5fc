import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import type { CredentialStore, Enrolled, Kept } from '@postern/contract';
import type { CredentialStoreSetup } from '../credential-store.js';
import { makeStore, needed, soon, withStore, type OpenedStore } from './opened-store.js';
import type { StoreCase } from './store-case.js';

/** `{SSHA512}`, which every store that keeps hashes reads. */
const hashOf = (password: string): string => {
  const salt = randomBytes(8);
  const digest = createHash('sha512').update(password).update(salt).digest();
  return `{SSHA512}${Buffer.concat([digest, salt]).toString('base64')}`;
};

/** A store that keeps hashes, and the names of users of it who have none. */
class Keeper {
  readonly opened: OpenedStore;
  readonly fresh: readonly string[];
  readonly #store: CredentialStore;

  constructor(opened: OpenedStore, fresh: readonly string[]) {
    this.opened = opened;
    this.fresh = fresh;
    this.#store = opened.store;
  }

  get withdraws(): boolean {
    return this.#store.withdraw !== undefined;
  }

  user(index: number): string {
    const name = this.fresh[index];
    assert.ok(name !== undefined, 'name at least four users in `keeps.fresh`');
    return name;
  }

  enroll(user: string, hash: string, previous?: string): Promise<Enrolled> {
    const password = { hash, ...(previous === undefined ? {} : { previous }) };
    assert.ok(this.#store.enroll !== undefined);
    return this.#store.enroll({ user, attributes: {} }, password, this.opened.signal);
  }

  kept(user: string): Promise<Kept> {
    assert.ok(this.#store.kept !== undefined, 'it keeps hashes and does not tell which (`kept`)');
    return this.#store.kept(user, this.opened.signal);
  }

  withdraw(user: string, hash: string): Promise<Enrolled> {
    assert.ok(this.#store.withdraw !== undefined);
    return this.#store.withdraw(user, hash, this.opened.signal);
  }

  async kind(user: string, password: string): Promise<string> {
    return (await this.opened.ask({ user, password })).kind;
  }
}

/** Nothing is asked of a store that keeps no hashes. */
const withKeeper = (setup: CredentialStoreSetup, body: (keeper: Keeper) => Promise<void>): Promise<void> =>
  withStore(setup, async (opened) => {
    if (opened.store.enroll === undefined) return;
    await body(new Keeper(opened, needed(setup.keeps, 'keeps').fresh));
  });

export const keepingCases: readonly StoreCase[] = [
  {
    id: 'enroll',
    title: 'keeps a hash where there is none, and replaces exactly the one that it is told, if it keeps hashes at all',
    run: (setup) =>
      withKeeper(setup, async (keeper) => {
        const user = keeper.user(0);
        const [first, second] = [hashOf('the first'), hashOf('the second')];
        assert.deepEqual(await keeper.kept(user), { kind: 'nothing' });
        assert.ok(['rejected', 'unknown-user'].includes(await keeper.kind(user, 'the first')));
        assert.equal((await keeper.enroll(user, first, second)).kind, 'conflict', 'a hash that is not there was replaced');
        assert.equal((await keeper.enroll(user, first)).kind, 'enrolled');
        assert.deepEqual(await keeper.kept(user), { kind: 'kept', hash: first });
        assert.equal(await keeper.kind(user, 'the first'), 'accepted');
        assert.equal((await keeper.enroll(user, second)).kind, 'conflict', 'a hash that is there was taken for none');
        assert.equal((await keeper.enroll(user, second, hashOf('the first'))).kind, 'conflict', 'another hash was replaced');
        assert.equal((await keeper.enroll(user, second, first)).kind, 'enrolled');
        assert.equal(await keeper.kind(user, 'the second'), 'accepted');
        assert.equal(await keeper.kind(user, 'the first'), 'rejected');
      }),
  },
  {
    id: 'enroll-race',
    title: 'lets one of many writers be first, and tells the others so',
    run: (setup) =>
      withKeeper(setup, async (keeper) => {
        const user = keeper.user(1);
        const hashes = Array.from({ length: 8 }, (_, index) => hashOf(`of writer ${index}`));
        const ends = await Promise.all(hashes.map((hash) => keeper.enroll(user, hash)));
        assert.equal(ends.filter(({ kind }) => kind === 'enrolled').length, 1, ends.map(({ kind }) => kind).join(' '));
        const kept = await keeper.kept(user);
        assert.deepEqual(kept, { kind: 'kept', hash: hashes[ends.findIndex(({ kind }) => kind === 'enrolled')] });
      }),
  },
  {
    id: 'enroll-strangers',
    title: 'keeps nothing for others than the one it is told, whatever the name is made of',
    run: (setup) =>
      withKeeper(setup, async (keeper) => {
        const before = await keeper.kept(setup.known.user);
        for (const user of ["' or '1' = '1", '%', '*', `${setup.known.user}' --`, '{user}', 'a\0b', '__proto__', '']) {
          const end = await soon(keeper.enroll(user, hashOf('x')), 'enroll');
          assert.ok(['enrolled', 'conflict', 'deferred'].includes(end.kind));
          await soon(keeper.kept(user), 'kept');
        }
        assert.deepEqual(await keeper.kept(setup.known.user), before);
        assert.equal(await keeper.kind(setup.known.user, setup.known.password), 'accepted');
      }),
  },
  {
    id: 'withdraw',
    title: 'takes away exactly the hash that it is told, and does not know the user then, if it takes hashes away at all',
    run: (setup) =>
      withKeeper(setup, async (keeper) => {
        if (!keeper.withdraws) return;
        const user = keeper.user(2);
        const [one, other] = [hashOf('the one'), hashOf('the other')];
        assert.equal(await keeper.kind(user, 'the one'), 'unknown-user', 'a user without a hash is not unknown');
        assert.equal((await keeper.withdraw(user, one)).kind, 'conflict', 'there was nothing to take away');
        assert.equal((await keeper.enroll(user, one)).kind, 'enrolled');
        assert.equal((await keeper.withdraw(user, other)).kind, 'conflict', 'another hash was taken away');
        assert.equal(await keeper.kind(user, 'the one'), 'accepted');
        assert.equal((await keeper.withdraw(user, one)).kind, 'enrolled');
        assert.deepEqual(await keeper.kept(user), { kind: 'nothing' });
        assert.equal(await keeper.kind(user, 'the one'), 'unknown-user');
        assert.equal((await keeper.withdraw(user, one)).kind, 'conflict');
        assert.equal((await keeper.enroll(user, other)).kind, 'enrolled', 'nothing can be kept after a withdrawal');
      }),
  },
  {
    id: 'keeping-outages',
    title: 'tells an outage from a conflict and from nothing kept, whatever way its backend is out',
    run: async (setup) => {
      for (const [how, make] of Object.entries(setup.outages ?? {})) {
        const opened = await makeStore(setup, make);
        await opened.store.start?.(opened.signal).catch(() => undefined);
        if (opened.store.enroll !== undefined) await allDeferred(new Keeper(opened, []), how);
        await opened.store.stop?.(opened.signal);
        opened.assertDiscreet();
      }
    },
  },
];

const allDeferred = async (keeper: Keeper, how: string): Promise<void> => {
  const user = 'ann@example.org';
  const asked = [
    soon(keeper.enroll(user, hashOf('x')), `enroll (${how})`),
    soon(keeper.kept(user), `kept (${how})`),
    ...(keeper.withdraws ? [soon(keeper.withdraw(user, hashOf('x')), `withdraw (${how})`)] : []),
  ];
  for (const { kind } of await Promise.all(asked)) assert.equal(kind, 'deferred', `backend ${how}: ${kind}`);
};
