import { describe, it } from '@jest/globals';
import type { Change, Verdict } from '@postern/contract';
import fc from 'fast-check';
import { open } from './support/open.js';

const users = ['ann@example.org', 'bob@example.org', 'ann@example.net'] as const;
const passwords = ['one', 'two'] as const;
const protocols = ['imap', 'pop3'] as const;
const [ttlMs, staleMs, negativeMs] = [10_000, 20_000, 3000];

const user = fc.constantFrom(...users);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('login' as const),
      user,
      password: fc.constantFrom(...passwords),
      protocol: fc.constantFrom(...protocols),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 1000, 2999, 3000, 5000, 9999, 10_000, 20_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      user,
      password: fc.constantFrom(...passwords),
      told: fc.constantFrom('user', 'domain', 'all', 'nobody'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('disable' as const), user, off: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('outage' as const), down: fc.boolean() }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The stores as they are, and what may still be believed of them. */
class World {
  readonly password = new Map<string, string>(users.map((name) => [name, 'one']));
  readonly off = new Set<string>();
  /** When a store last said yes to user, password and protocol; taken away by everything that speaks against it. */
  readonly yes = new Map<string, number>();
  readonly no = new Map<string, number>();
  down = false;

  says(name: string, password: string): Verdict {
    if (this.down) return { kind: 'deferred', cause: 'down' };
    if (this.off.has(name)) return { kind: 'refused', why: 'disabled', proofHeld: false };
    return this.password.get(name) === password ? { kind: 'accepted', account: { user: name, attributes: {} } } : { kind: 'rejected' };
  }

  shut(name: string, off: boolean): void {
    if (off) this.off.add(name);
    else this.off.delete(name);
  }

  forget(about: (login: string) => boolean): void {
    for (const memory of [this.yes, this.no]) for (const login of [...memory.keys()]) if (about(login)) memory.delete(login);
  }
}

const run = async (steps: readonly Step[]): Promise<void> => {
  const world = new World();
  const cache = await open({ ttl: '10s', staleFor: '20s', negativeTtl: '3s', perAddress: true });
  const { clock, changes } = cache.services;
  cache.says = ({ user: name, proof }) => world.says(name, proof.mechanism === 'plain' ? proof.password : '');
  const login = async ({ user: name, password, protocol }: Extract<Step, { do: 'login' }>): Promise<void> => {
    const id = `${name} ${password} ${protocol}`;
    const now = clock.monotonic();
    const before = cache.asked.length;
    const { kind } = await cache.login({ user: name, password, protocol });
    const wasAsked = cache.asked.length > before;
    const says = world.says(name, password).kind;
    const age = now - (world.yes.get(id) ?? -Infinity);
    const refusedFor = (world.no.get(id) ?? -Infinity) - now;
    if (!wasAsked) {
      const fresh = kind === 'accepted' ? age < ttlMs : refusedFor > 0;
      if (!fresh) throw new Error(`${kind} out of thin air for ${id}`);
      return;
    }
    if (age < ttlMs || refusedFor > 0) throw new Error(`asked about ${id} although it was known`);
    const expected = says === 'deferred' && age < ttlMs + staleMs ? 'accepted' : says;
    if (kind !== expected) throw new Error(`${kind} and not ${expected} for ${id}`);
    if (says === 'accepted') world.yes.set(id, now);
    if (says === 'rejected') for (const each of protocols) world.yes.delete(`${name} ${password} ${each}`);
    if (says === 'refused') for (const known of [...world.yes.keys()]) if (known.startsWith(`${name} `)) world.yes.delete(known);
    if (says === 'rejected' || says === 'refused') world.no.set(id, now + negativeMs);
  };
  const changed = ({ user: name, password, told }: Extract<Step, { do: 'change' }>): void => {
    world.password.set(name, password);
    const domain = name.split('@')[1] ?? '';
    const change: Change | undefined =
      told === 'user' ? { user: name } : told === 'domain' ? { domain } : told === 'all' ? { all: true } : undefined;
    if (change === undefined) return;
    changes.announce(change);
    world.forget(
      (known) => told === 'all' || (told === 'user' ? known.startsWith(`${name} `) : known.split(' ')[0]?.endsWith(`@${domain}`) === true),
    );
  };
  for (const one of steps) {
    if (one.do === 'login') await login(one);
    else if (one.do === 'wait') await clock.step(one.ms);
    else if (one.do === 'change') changed(one);
    else if (one.do === 'disable') world.shut(one.user, one.off);
    else world.down = one.down;
  }
};

describe('whatever happens to accounts, stores and time', () => {
  it('the cache says what the stores say or lately said, and nothing that was taken back since', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), run), { numRuns: 150 });
  });
});
