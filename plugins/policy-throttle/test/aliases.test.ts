import { describe, expect, it } from '@jest/globals';
import type { Ask } from '@postern/contract';
import { fakeServices } from '@postern/testkit';
import { from, room, times } from './support/room.js';

/** `a1@…`, `a2@…` and so on are Ann's; only the store knows. A password of its own opens `phone@…`, which is hers as well. */
const knowing: Ask = ({ user, proof }) => {
  const owner = /^(?:a\d+|phone)@/.test(user) ? 'Ann@Example.org' : user;
  const right = user.startsWith('phone@') ? 'of the phone' : 'right';
  const held = proof.mechanism === 'plain' && proof.password === right;
  if (held) return Promise.resolve({ kind: 'accepted', account: { user: owner, attributes: {} } });
  return Promise.resolve(owner === user ? { kind: 'rejected' } : { kind: 'rejected', user: owner });
};

const alias = (index: number): string => `a${index}@example.org`;

describe('names that only a store knows to be one account', () => {
  it('give no more tries than the account has, once they are known', async () => {
    const { login } = await room({ user: { tries: 3 } }, { next: knowing });
    const kinds: string[] = [];
    for (let round = 0; round < 4; round += 1)
      for (let index = 0; index < 3; index += 1)
        kinds.push(await login(from(`192.0.2.${round * 3 + index}`, `guess ${round}`, alias(index))));
    expect(kinds).toEqual([...times(3, 'rejected'), ...times(9, 'limited')]);
    expect(await login(from('192.0.2.99', 'guess', 'ann@example.org'))).toBe('limited');
  });

  it('are known to other processes and to a rehearsal', async () => {
    const services = fakeServices();
    const first = await room({ user: { tries: 3 } }, { next: knowing, services });
    for (let index = 0; index < 3; index += 1) await first.login(from(`192.0.2.${index}`, `guess ${index}`, alias(index)));
    const second = await room({ user: { tries: 3 } }, { next: knowing, services });
    expect(await second.login(from('192.0.2.9', 'guess', alias(1)))).toBe('limited');
    expect(await second.rehearse(from('192.0.2.9', 'guess', alias(1)))).toBe('limited');
  });

  it('do not open an account that is kept shut, not even under a name that nobody used before', async () => {
    const { login, asked } = await room({ user: { tries: 3 } }, { next: knowing });
    expect(await login(from('198.51.100.1', 'right', 'ann@example.org'))).toBe('accepted');
    for (let index = 0; index < 3; index += 1) await login(from(`192.0.2.${index}`, `guess ${index}`, 'ann@example.org'));
    // A database takes accents and the like for nothing: there are as many names as anybody wants.
    for (const [index, password] of ['guess', 'right', 'another', 'right'].entries())
      expect(await login(from('192.0.2.9', password, alias(index)))).toBe('limited');
    expect(asked).toHaveLength(8);
    expect(await login(from('192.0.2.9', 'right', 'ann@example.org'))).toBe('limited');
    expect(await login(from('198.51.100.1', 'right', alias(9)))).toBe('accepted');
  });

  it('are let in where limits are only logged', async () => {
    const { login } = await room({ user: { tries: 3 }, mode: 'log' }, { next: knowing });
    for (let index = 0; index < 4; index += 1) await login(from(`192.0.2.${index}`, `guess ${index}`, 'ann@example.org'));
    expect(await login(from('192.0.2.9', 'right', alias(1)))).toBe('accepted');
  });

  it('share the networks where the owner logged in', async () => {
    const { login } = await room({ user: { tries: 3 } }, { next: knowing });
    expect(await login(from('198.51.100.1', 'right', alias(1)))).toBe('accepted');
    for (let index = 0; index < 5; index += 1) await login(from(`192.0.2.${index}`, `guess ${index}`, 'ann@example.org'));
    expect(await login(from('192.0.2.9', 'right', 'ann@example.org'))).toBe('limited');
    expect(await login(from('198.51.100.1', 'right', 'ann@example.org'))).toBe('accepted');
  });

  it('may each have a password of their own: one that is wrong for one of them is not wrong for all', async () => {
    const { login } = await room({ user: { tries: 9 }, guard: { tries: 8 } }, { next: knowing });
    expect(await login(from('192.0.2.1', 'of the phone', 'phone@example.org'))).toBe('accepted');
    expect(await login(from('192.0.2.1', 'of the phone', alias(1)))).toBe('rejected');
    expect(await login(from('192.0.2.1', 'of the phone', 'phone@example.org'))).toBe('accepted');
  });

  it('use up one budget at the directory', async () => {
    const { login, asked } = await room({ user: { tries: 100 }, guard: { tries: 4 } }, { next: knowing });
    for (let index = 0; index < 3; index += 1) await login(from(`192.0.2.${index}`, 'first', alias(index)));
    expect(asked).toHaveLength(3);
    for (let index = 0; index < 3; index += 1) expect(await login(from(`192.0.2.${index}`, 'second', alias(index)))).toBe('limited');
    expect(asked).toHaveLength(3);
  });

  it('use up one budget and give no more tries where capital letters make another login, and the store folds them', async () => {
    const folding: Ask = ({ user }) => Promise.resolve({ kind: 'rejected', user: user.toLowerCase() });
    const guarded = await room({ user: { tries: 100 }, guard: { tries: 4 } }, { next: folding });
    for (let index = 0; index < 9; index += 1) await guarded.login(from(`192.0.2.${index}`, `guess ${index}`, 'Ann@example.org'));
    expect(guarded.asked).toHaveLength(3);
    const { login } = await room({ user: { tries: 2 } }, { next: folding });
    for (const name of ['Ann@example.org', 'aNn@example.org']) await login(from('192.0.2.1', 'guess', name));
    expect(await login(from('192.0.2.2', 'another', 'Ann@example.org'))).toBe('limited');
  });

  it('that are an account of their own again are counted for themselves', async () => {
    const moved = { yes: false };
    const next: Ask = (attempt, signal) =>
      moved.yes && attempt.user !== 'ann@example.org'
        ? Promise.resolve({ kind: 'accepted', account: { user: attempt.user, attributes: {} } })
        : knowing(attempt, signal);
    const { login } = await room({ user: { tries: 2 } }, { next });
    await login(from('192.0.2.1', 'guess', alias(1)));
    moved.yes = true;
    expect(await login(from('192.0.2.1', 'new', alias(1)))).toBe('accepted');
    for (let index = 0; index < 3; index += 1) await login(from(`192.0.2.${index}`, `guess ${index}`, 'ann@example.org'));
    expect(await login(from('192.0.2.1', 'right', alias(1)))).toBe('accepted');
  });
});

describe('a store that locks accounts and asks before it tries one', () => {
  const wide = { user: { tries: 100 }, network: { tries: 1000 } };
  const names = Array.from({ length: 20 }, (_, index) => alias(index));

  /** All names are one account, which only this store knows; `tried`: the passwords that it counted. */
  const locking = (): { readonly next: Ask; readonly tried: string[] } => {
    const tried: string[] = [];
    const next: Ask = async ({ proof, mayTry }) => {
      const password = proof.mechanism === 'plain' ? proof.password : '';
      if ((await mayTry?.('cn=ann')) === false) return { kind: 'limited' };
      if (password === 'right') return { kind: 'accepted', account: { user: 'ann@example.org', attributes: {} } };
      tried.push(password);
      return { kind: 'rejected' };
    };
    return { next, tried };
  };

  it('counts no more wrong passwords than the guard allows, under however many names they come, one after the other or at once', async () => {
    for (const atOnce of [false, true]) {
      const { next, tried } = locking();
      const { login, services } = await room({ ...wide, guard: { tries: 4 } }, { next });
      const guesses = names.map((name, index) => () => login(from(`192.0.2.${index}`, `guess ${index}`, name)));
      const kinds: string[] = [];
      if (atOnce) {
        const answers = Promise.all(guesses.map((guess) => guess()));
        for (let time = 0; time < 24; time += 1) await services.clock.step(50);
        kinds.push(...(await answers));
      } else for (const guess of guesses) kinds.push(await guess());
      expect(kinds.filter((kind) => kind === 'limited')).toHaveLength(17);
      expect(tried).toHaveLength(3);
      expect(services.metrics.value('throttle_limited_total', { by: 'guard' })).toBe(17);
      expect(services.log.lines.map(({ message }) => message)).toEqual([
        'wrong passwords are kept away from the stores, so that no account is locked',
      ]);
    }
  });

  it('lets right ones in under all names at once', async () => {
    const { login, services } = await room({ ...wide, guard: { tries: 4 } }, { next: locking().next });
    const answers = Promise.all(names.map((name, index) => login(from(`192.0.2.${index}`, 'right', name))));
    for (let time = 0; time < 24; time += 1) await services.clock.step(50);
    expect(await answers).toEqual(times(20, 'accepted'));
  });

  it('is told yes in log-only mode, and that it would have been no', async () => {
    const { next, tried } = locking();
    const { login, services } = await room({ ...wide, guard: { tries: 4 }, mode: 'log' }, { next });
    for (const [index, name] of names.entries()) await login(from(`192.0.2.${index}`, `guess ${index}`, name));
    expect(tried).toHaveLength(20);
    expect(services.metrics.value('throttle_would_limit_total', { by: 'guard' })).toBe(17);
  });

  it('is told no when it asks for a login that is over, and yes when it asks twice', async () => {
    let late: (() => Promise<boolean | undefined>) | undefined;
    const next: Ask = async ({ mayTry }) => {
      expect([await mayTry?.('cn=ann'), await mayTry?.('cn=ann')]).toEqual([true, true]);
      late = async () => mayTry?.('cn=other');
      return { kind: 'rejected' };
    };
    const { login } = await room({ ...wide, guard: { tries: 4 } }, { next });
    expect(await login()).toBe('rejected');
    expect(await late?.()).toBe(false);
  });

  it('is asked nothing without a guard', async () => {
    const { login, asked } = await room(wide, { next: locking().next });
    await login();
    expect(asked[0]).not.toHaveProperty('mayTry');
  });
});
