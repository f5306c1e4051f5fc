import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { LoginAttempt, Proof, Verdict } from '@postern/contract';
import { attempt, fakeServices, parseConfig } from '@postern/testkit';
import { staticPlugin } from '../src/index.js';

const { signal } = new AbortController();

const open = (input: unknown): { readonly ask: (parts: Parameters<typeof attempt>[0]) => Promise<Verdict> } => {
  const store = staticPlugin.create(parseConfig(staticPlugin, input), fakeServices());
  return { ask: (parts) => store.verify(attempt(parts), signal) };
};

const salt = '<1531043647.1795327797@mail.example.com>';
const digests = {
  apop: (password: string) =>
    createHash('md5')
      .update(salt + password)
      .digest('hex'),
  'cram-md5': (password: string) => createHmac('md5', password).update(salt).digest('hex'),
} as const;
const proofOf = (mechanism: 'apop' | 'cram-md5', password: string): Proof => ({ mechanism, salt, digest: digests[mechanism](password) });

const users = {
  'ann@example.org': '{PLAIN}p@ss wörd',
  'hash@example.org': '{BLF-CRYPT}$2y$04$avZxP0op5FENy9PNSR7BbOw13vDXKxP46WQvtS3fuLw3e3iC62j12',
  'off@example.org': { password: '{PLAIN}off', enabled: false },
  'cert@example.org': { attributes: { host: 'mail-a' } },
  'locked@example.org': '{CRYPT}!',
  'odd@example.org': '{SHA512-CRYPT}$6$saltsalt12345678$6mqwz8u3tY',
};

describe('plain logins', () => {
  it('the account carries its attributes and no secret', async () => {
    const { ask } = open({ users: { 'ann@example.org': { password: '{PLAIN}x', attributes: { host: 'mail-b' } } } });
    expect(await ask({ password: 'x' })).toEqual({
      kind: 'accepted',
      account: { user: 'ann@example.org', attributes: { host: 'mail-b' } },
    });
  });

  it('compares bytes, not their reading as UTF-8', async () => {
    const { ask } = open({ users: { 'ann@example.org': '{PLAIN.hex}ff41' } });
    expect((await ask({ password: Uint8Array.from([0xff, 0x41]) })).kind).toBe('accepted');
    expect((await ask({ password: Uint8Array.from([0xfe, 0x41]) })).kind).toBe('rejected');
    expect((await ask({ password: '\ufffdA' })).kind).toBe('rejected');
  });

  it('a stored password that cannot be used is no wrong password, and the cause does not tell it', async () => {
    const verdict = await open({ users }).ask({ user: 'odd@example.org' });
    expect(verdict.kind).toBe('deferred');
    expect(String(verdict.kind === 'deferred' && verdict.cause)).not.toContain('saltsalt');
  });

  it('rule 20: an empty password is refused although the stored hash would fit it', async () => {
    const { ask } = open({ users: { 'ann@example.org': '{SSHA256}Y0ea1poJCyWCd+yPum+ZQZov+ySJgVEGV8lEzNEUjpdzYWx0' } });
    expect(await ask({ password: new Uint8Array() })).toEqual({ kind: 'rejected' });
  });

  it('a user without a password, or with a locked one, is told like a wrong password', async () => {
    for (const user of ['cert@example.org', 'locked@example.org']) {
      for (const password of ['!', 'x', 'p@ss wörd']) expect(await open({ users }).ask({ user, password })).toEqual({ kind: 'rejected' });
    }
  });

  it('users are the same in upper and lower case, with an international domain in either form, and whatever their name is', async () => {
    const table = JSON.parse(
      '{"__proto__":"{PLAIN}x","constructor":"{PLAIN}x","Bob@Bücher.Example":"{PLAIN}x","local":"{PLAIN}x"}',
    ) as unknown;
    const { ask } = open({ users: table });
    for (const user of ['__proto__', 'constructor', 'bob@xn--bcher-kva.example', 'BOB@bücher.example', 'local']) {
      expect(await ask({ user, password: 'x' })).toMatchObject({ kind: 'accepted' });
      expect(await ask({ user, password: 'y' })).toEqual({ kind: 'rejected' });
    }
    for (const user of ['toString', 'local@example.org', 'bob', 'bob@bucher.example']) {
      expect(await ask({ user, password: 'x' })).toEqual({ kind: 'unknown-user' });
    }
    expect(await ask({ user: 'BOB@bücher.example', password: 'x' })).toMatchObject({ account: { user: 'bob@xn--bcher-kva.example' } });
  });

  it('`domain` is added to users that are written without one', async () => {
    const { ask } = open({ domain: 'Example.ORG', users: { ann: '{PLAIN}x', 'bob@example.net': '{PLAIN}x' } });
    expect(await ask({ user: 'ann@example.org', password: 'x' })).toMatchObject({ account: { user: 'ann@example.org' } });
    expect(await ask({ user: 'ann', password: 'x' })).toEqual({ kind: 'unknown-user' });
    expect(await ask({ user: 'bob@example.net', password: 'x' })).toMatchObject({ kind: 'accepted' });
  });

  it('a password of a clear-text scheme is answered without anything being awaited', async () => {
    const { ask } = open({ users });
    let turns = 0;
    const asked = ask({ password: 'p@ss wörd' }).then(() => turns);
    for (let turn = 0; turn < 3; turn += 1) await Promise.resolve().then(() => (turns += 1));
    expect(await asked).toBeLessThanOrEqual(1);
  });
});

describe('rule 59: what an answer costs and says does not tell which accounts exist', () => {
  /** Heavy checks leave the event loop; cheap answers do not. */
  const leavesTheLoop = async (parts: Parameters<typeof attempt>[0], input: unknown): Promise<boolean> => {
    let settled = false;
    const asked = open(input)
      .ask(parts)
      .then(() => (settled = true));
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    const left = !settled;
    await asked;
    return left;
  };
  const hash = users['hash@example.org'];
  const hashed = {
    users: {
      'a@x': hash,
      'b@x': hash,
      'off@x': { password: hash, enabled: false },
      'none@x': {},
      'locked@x': '{CRYPT}*',
      'clear@x': '{PLAIN}x',
    },
  };

  it.each(['a@x', 'off@x', 'none@x', 'locked@x', 'nobody@x', 'a name with spaces'])(
    'rule 59: %s costs what a wrong password of the usual scheme costs',
    async (user) => {
      expect(await leavesTheLoop({ user, password: 'wrong' }, hashed)).toBe(true);
    },
  );

  it('rule 59: where most passwords are cheap, an unknown user is as cheap', async () => {
    expect(
      await leavesTheLoop({ user: 'nobody@x', password: 'wrong' }, { users: { 'a@x': '{PLAIN}x', 'b@x': '{PLAIN}y', 'c@x': hash } }),
    ).toBe(false);
  });

  it('a disabled user is refused with the truth about the password', async () => {
    const { ask } = open({ users });
    expect(await ask({ user: 'off@example.org', password: 'off' })).toEqual({ kind: 'refused', why: 'disabled', proofHeld: true });
    expect(await ask({ user: 'off@example.org', password: 'no' })).toEqual({ kind: 'refused', why: 'disabled', proofHeld: false });
  });
});

describe.each(['apop', 'cram-md5'] as const)('%s logins', (mechanism) => {
  const ask = (user: string, proof: Proof): Promise<Verdict> => open({ users }).ask({ user, proof, protocol: 'pop3' });

  it('rule 30: the right digest is accepted in either case, and the account carries the clear text', async () => {
    const proof = proofOf(mechanism, 'p@ss wörd');
    const accepted = { kind: 'accepted', account: { user: 'ann@example.org', attributes: {}, secret: 'p@ss wörd' } };
    expect(await ask('ann@example.org', proof)).toEqual(accepted);
    expect(await ask('ann@example.org', { mechanism, salt, digest: digests[mechanism]('p@ss wörd').toUpperCase() })).toEqual(accepted);
  });

  it('rule 30: a wrong digest, and what is no digest, is a plain failure', async () => {
    expect(await ask('ann@example.org', proofOf(mechanism, 'wrong'))).toEqual({ kind: 'rejected' });
    for (const digest of ['', 'x'.repeat(32), '00'])
      expect(await ask('ann@example.org', { mechanism, salt, digest })).toEqual({ kind: 'rejected' });
  });

  it('rule 31: without a recoverable password, or without a salt, it is told like a wrong password', async () => {
    const hash = users['hash@example.org'];
    for (const password of ['x'.repeat(72), hash, hash.slice('{BLF-CRYPT}'.length), 'a password that nobody has', '']) {
      expect(await ask('hash@example.org', proofOf(mechanism, password))).toEqual({ kind: 'rejected' });
      expect(await ask('cert@example.org', proofOf(mechanism, password))).toEqual({ kind: 'rejected' });
      expect(await ask('odd@example.org', proofOf(mechanism, password))).toEqual({ kind: 'rejected' });
    }
    const unsalted = mechanism === 'apop' ? createHash('md5').update('p@ss wörd') : createHmac('md5', 'p@ss wörd').update('');
    expect(await ask('ann@example.org', { mechanism, salt: '', digest: unsalted.digest('hex') })).toEqual({ kind: 'rejected' });
  });

  it('an unknown user is unknown and a disabled one disabled', async () => {
    expect(await ask('nobody@example.org', proofOf(mechanism, 'a password that nobody has'))).toEqual({ kind: 'unknown-user' });
    expect(await ask('off@example.org', proofOf(mechanism, 'off'))).toEqual({ kind: 'refused', why: 'disabled', proofHeld: true });
    expect(await ask('off@example.org', proofOf(mechanism, 'on'))).toEqual({ kind: 'refused', why: 'disabled', proofHeld: false });
  });
});

describe('what is kept for CRAM-MD5', () => {
  // doveadm pw -s CRAM-MD5 -p 'Tr0ub4dor&3'
  const kept = { 'cram@example.org': '{CRAM-MD5}c0a49b541c47c13e0fed75e90df0510e8e19d265316dbafce5048e1f92c94232' };
  const accepted = { kind: 'accepted', account: { user: 'cram@example.org', attributes: {} } };

  it('rule 31: answers CRAM-MD5 and plain logins, without a clear text to hand on, and APOP not at all', async () => {
    const { ask } = open({ users: kept, allowWeak: ['CRAM-MD5'] });
    const user = 'cram@example.org';
    expect(await ask({ user, proof: proofOf('cram-md5', 'Tr0ub4dor&3') })).toEqual(accepted);
    expect(await ask({ user, proof: proofOf('cram-md5', 'Tr0ub4dor&4') })).toEqual({ kind: 'rejected' });
    expect(await ask({ user, proof: proofOf('apop', 'Tr0ub4dor&3'), protocol: 'pop3' })).toEqual({ kind: 'rejected' });
    expect(await ask({ user, password: 'Tr0ub4dor&3' })).toEqual(accepted);
    expect(await open({ users: kept }).ask({ user, proof: proofOf('cram-md5', 'Tr0ub4dor&3') })).toEqual({ kind: 'rejected' });
  });
});

describe('lookup', () => {
  it('says who somebody is without any proof, and never hands out a secret', async () => {
    const store = staticPlugin.create(parseConfig(staticPlugin, { users }), fakeServices());
    expect(await store.lookup?.('cert@example.org', signal)).toEqual({
      kind: 'found',
      account: { user: 'cert@example.org', attributes: { host: 'mail-a' } },
    });
    expect(await store.lookup?.('ann@example.org', signal)).toEqual({
      kind: 'found',
      account: { user: 'ann@example.org', attributes: {} },
    });
    expect(await store.lookup?.('off@example.org', signal)).toEqual({ kind: 'refused', why: 'disabled' });
    expect(await store.lookup?.('nobody@example.org', signal)).toEqual({ kind: 'unknown-user' });
  });

  it('proofs that are not its business are unsupported', async () => {
    const none: LoginAttempt['proof'] = { mechanism: 'none', from: '', to: 'ann@example.org', helo: 'x' };
    expect(await open({ users }).ask({ proof: none, protocol: 'smtp' })).toEqual({ kind: 'unsupported' });
  });
});
