import { describe, expect, it } from '@jest/globals';
import type { Account, Routing } from '@postern/contract';
import { attempt, fakeServices, parseConfig, type FakeBackend } from '@postern/testkit';
import { hashPlugin } from '@postern/router-hash';
import { z } from 'zod';

const three = ['mail-a', 'mail-b', 'mail-c'];
const signal = new AbortController().signal;

const router = (input: unknown, backends: readonly (FakeBackend | string)[] = three) =>
  hashPlugin.create(parseConfig(hashPlugin, input), fakeServices({ backends }));

const account = (user: string, attributes: Account['attributes'] = {}): Account => ({ user, attributes });

const where = async (made: ReturnType<typeof router>, who: Account): Promise<string> => {
  const routing: Routing = await made.locate(who, attempt({ user: who.user }), signal);
  if (routing.kind !== 'placed') return routing.kind;
  return routing.backends.map((ref) => (ref.kind === 'named' ? ref.name : '')).join(' ');
};

const users = Array.from({ length: 500 }, (_, index) => `user${index}@example.org`);

describe('the hash router', () => {
  it('pins a mailbox to one backend unless told otherwise', async () => {
    expect(await where(router({ over: three }), account('ann@example.org'))).toBe('mail-c');
    expect(await where(router({ over: three, whenDown: 'defer' }), account('ann@example.org'))).toBe('mail-c');
  });

  it('names all backends, best first, when the storage is shared', async () => {
    expect(await where(router({ over: three, whenDown: 'next' }), account('ann@example.org'))).toBe('mail-c mail-b mail-a');
  });

  it('gives drained backends nobody, and leaves everybody else where they are', async () => {
    const before = router({ over: three });
    const after = router({ over: three }, ['mail-a', { name: 'mail-b', state: 'drain' }, 'mail-c']);
    for (const user of users) {
      const [old, now] = [await where(before, account(user)), await where(after, account(user))];
      expect(now).not.toBe('mail-b');
      if (old !== 'mail-b') expect(now).toBe(old);
    }
  });

  it('leaves drained backends out of the list too', async () => {
    const made = router({ over: three, whenDown: 'next' }, ['mail-a', { name: 'mail-b', state: 'drain' }, 'mail-c']);
    expect(await where(made, account('ann@example.org'))).toBe('mail-c mail-a');
  });

  it('keeps the mailboxes of a backend that is down where they are', async () => {
    const made = router({ over: three }, three.map((name) => ({ name, state: 'down', healthy: false }))); // prettier-ignore
    expect(await where(made, account('ann@example.org'))).toBe('mail-c');
  });

  it.each(['defer', 'next'])('defers when every backend is drained (whenDown: %s)', async (whenDown) => {
    const made = router({ over: three, whenDown }, three.map((name) => ({ name, state: 'drain' }))); // prettier-ignore
    expect(await where(made, account('ann@example.org'))).toBe('deferred');
  });

  it('follows the weights of the backends', async () => {
    const made = router({ over: ['mail-a', 'mail-b'] }, ['mail-a', { name: 'mail-b', weight: 9 }]);
    const found = await Promise.all(users.map((user) => where(made, account(user))));
    expect(found.filter((name) => name === 'mail-b').length).toBeGreaterThan(420);
  });

  it('keeps a domain together when the key is the domain', async () => {
    const made = router({ over: three, key: '{domain}' });
    const homes = new Set(await Promise.all(users.map((user) => where(made, account(user)))));
    expect(homes.size).toBe(1);
  });

  it('hashes an attribute of the account, and is no home for those who lack it or have it empty', async () => {
    const made = router({ over: three, key: '{attributes.site}' });
    const [one, other] = [account('ann', { site: 'north' }), account('ben', { site: 'north' })];
    expect(await where(made, one)).toBe(await where(made, other));
    expect(await where(made, account('cleo'))).toBe('homeless');
    expect(await where(made, account('cleo', { site: '' }))).toBe('homeless');
    expect(await where(router({ over: three, key: '{attributes.constructor}' }), account('cleo'))).toBe('homeless');
    expect(await where(router({ over: three, key: '{domain}' }), account('cleo'))).toBe('homeless');
  });

  it('places one mailbox on one backend however a store spells it', async () => {
    const made = router({ over: three });
    for (const user of users) expect(await where(made, account(user.toUpperCase()))).toBe(await where(made, account(user)));
    expect(await where(made, account('JO\u0308RG@example.org'))).toBe(await where(made, account('jörg@example.org')));
  });

  it('asks for the account that the store accepted, not for what was typed', async () => {
    const made = router({ over: three });
    const answers = users.map((user) => made.locate(account('ann@example.org'), attempt({ user }), signal));
    expect(new Set((await Promise.all(answers)).map((answer) => JSON.stringify(answer))).size).toBe(1);
  });
});

describe('the config of the hash router', () => {
  it.each<[string, unknown, string]>([
    ['no backends', { over: [] }, 'over: name at least one backend'],
    ['nothing', {}, 'over: '],
    ['a backend twice', { over: ['mail-a', 'mail-b', 'mail-a'] }, 'over.2: mail-a is named twice'],
    ['an unknown variable', { over: three, key: '{usr}' }, 'key: unknown variable {usr}'],
    ['an unknown word', { over: three, whenDown: 'nxt' }, 'whenDown: '],
    ['an unknown key', { over: three, weights: {} }, 'weights'],
  ])('refuses %s', (_, input, message) => {
    expect(() => parseConfig(hashPlugin, input)).toThrow(message);
  });

  it('names its backends, each with its path', () => {
    const inspection = hashPlugin.inspect?.(parseConfig(hashPlugin, { over: ['mail-a', 'mail-b'] }));
    expect(inspection).toMatchObject({ backends: [{ name: 'mail-a', path: ['over', 0] }, { name: 'mail-b', path: ['over', 1] }], advice: [] }); // prettier-ignore
  });

  it('says whether it goes by attributes', () => {
    const read = (key: string) => hashPlugin.inspect?.(parseConfig(hashPlugin, { over: three, key })).readsAttributes;
    expect([read('{user}'), read('{attributes.site}/{local}')]).toEqual([[], [['key']]]);
  });

  it('warns of a key that is the same for everybody, or not the same for one mailbox', () => {
    const advice = (key: string) => hashPlugin.inspect?.(parseConfig(hashPlugin, { over: three, key })).advice ?? [];
    expect(advice('user')).toMatchObject([{ path: ['key'], severity: 'warning', message: expect.stringContaining('no variable') }]);
    expect(advice('{user}{clientIp}')).toMatchObject([{ severity: 'warning', message: expect.stringContaining('{clientIp}') }]);
    expect(advice('{attributes.site}/{local}')).toEqual([]);
  });

  it('throws rather than leaving a backend out of the ring', () => {
    expect(() => router({ over: ['mail-a', 'mail-x'] })).toThrow('the backend mail-x is not declared');
  });

  it('describes every option, for the docs and for editors', () => {
    const schema = z.toJSONSchema(hashPlugin.config, { io: 'input' });
    for (const option of Object.values(schema.properties ?? {})) expect(option).toHaveProperty('description');
    expect(schema.properties).toMatchObject({ key: { default: '{user}' }, whenDown: { default: 'defer' } });
  });
});
