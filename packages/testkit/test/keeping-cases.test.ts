import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Account, CredentialStore, Enrolled, Kept, LoginAttempt, PasswordHash, Verdict } from '@postern/contract';
import { CollectingRunner, describeCredentialStore } from '../src/index.js';

const ann = 'ann@example.org';
const fresh = ['a@example.org', 'b@example.org', 'c@example.org', 'd@example.org'];

const sound = (hash: string, password: string): boolean => {
  const bytes = Buffer.from(hash.slice('{SSHA512}'.length), 'base64');
  return createHash('sha512').update(password).update(bytes.subarray(64)).digest().equals(bytes.subarray(0, 64));
};

/** A store that keeps hashes as it should; each test breaks one thing of it. */
class Keeping implements CredentialStore {
  readonly abilities: CredentialStore['abilities'] = { mechanisms: ['plain'], knowsUsers: true };
  readonly hashes = new Map<string, string | undefined>([[ann, undefined], ...fresh.map((user) => [user, undefined] as const)]);
  down = false;

  verify({ user, proof }: LoginAttempt): Promise<Verdict> {
    const password = proof.mechanism === 'plain' ? proof.password : '';
    const hash = this.hashes.get(user);
    const held = user === ann ? password === 'Right-1' : hash !== undefined && sound(hash, password);
    if (held) return Promise.resolve({ kind: 'accepted', account: { user, attributes: {} } });
    return Promise.resolve(hash === undefined && user !== ann ? this.without() : { kind: 'rejected' });
  }

  without(): Verdict {
    return { kind: 'unknown-user' };
  }

  async enroll({ user }: Account, { hash, previous }: PasswordHash): Promise<Enrolled> {
    return this.set(user, previous, hash);
  }

  async kept(user: string): Promise<Kept> {
    if (this.down) return { kind: 'deferred', cause: 'down' };
    const hash = this.hashes.get(user);
    return hash === undefined ? { kind: 'nothing' } : { kind: 'kept', hash };
  }

  async withdraw(user: string, hash: string): Promise<Enrolled> {
    return this.set(user, hash, undefined);
  }

  set(user: string, previous: string | undefined, hash: string | undefined): Enrolled | Promise<Enrolled> {
    if (this.down) return { kind: 'deferred', cause: 'down' };
    if (!this.hashes.has(user) || this.hashes.get(user) !== previous) return { kind: 'conflict' };
    this.hashes.set(user, hash);
    return { kind: 'enrolled' };
  }
}

const about = /keeps a hash where|many writers|keeps nothing for others|takes away exactly|an outage from a conflict/;

const failures = async (make: () => Keeping): Promise<readonly string[]> => {
  const runner = new CollectingRunner();
  const down = (): Keeping => Object.assign(make(), { down: true });
  const known = { user: ann, password: 'Right-1' };
  describeCredentialStore(runner, { name: 'it', make, known, unknown: 'nobody@example.org', keeps: { fresh }, outages: { down } });
  return (await runner.run())
    .filter(({ outcome, name }) => outcome === 'failed' && about.test(name))
    .map(({ name }) => about.exec(name)?.[0] ?? '');
};

describe('the suite for credential stores, about kept hashes,', () => {
  it('passes a sound store', async () => {
    expect(await failures(() => new Keeping())).toEqual([]);
  });

  it('catches a store that does not compare before it sets', async () => {
    class Careless extends Keeping {
      override set(user: string, _: string | undefined, hash: string | undefined): Enrolled {
        return super.set(user, this.hashes.get(user), hash) as Enrolled;
      }
    }
    expect(await failures(() => new Careless())).toEqual(['keeps a hash where', 'many writers', 'takes away exactly']);
  });

  it('catches a store that compares, and sets later', async () => {
    class Late extends Keeping {
      override async set(user: string, previous: string | undefined, hash: string | undefined): Promise<Enrolled> {
        if (this.down) return { kind: 'deferred', cause: 'down' };
        if (this.hashes.get(user) !== previous) return { kind: 'conflict' };
        await Promise.resolve();
        this.hashes.set(user, hash);
        return { kind: 'enrolled' };
      }
    }
    expect(await failures(() => new Late())).toEqual(['many writers']);
  });

  it('catches a store that still knows the user after its hash was taken away, and one that calls an outage nothing', async () => {
    class Known extends Keeping {
      override without(): Verdict {
        return { kind: 'rejected' };
      }
    }
    expect(await failures(() => new Known())).toEqual(['takes away exactly']);
    class Blind extends Keeping {
      override async kept(user: string): Promise<Kept> {
        return this.down ? { kind: 'nothing' } : super.kept(user);
      }
    }
    expect(await failures(() => new Blind())).toEqual(['an outage from a conflict']);
  });
});
