import assert from 'node:assert/strict';
import { mechanisms, type Account, type LoginAttempt, type Mechanism, type Proof } from '@postern/contract';
import { plainProof } from '../../fakes/attempt.js';
import { defaultWrong, needed, withStore, type OpenedStore } from './opened-store.js';
import type { StoreCase } from './store-case.js';

/** What can be put into a header and read back the same. */
const assertSound = (account: Account): void => {
  assert.ok(account.user !== '', 'the account has no user');
  assert.match(account.user, /^[^\p{Cc}\s](?:[^\p{Cc}]*[^\p{Cc}\s])?$/u, 'the user cannot be said in a header');
  for (const [name, value] of Object.entries(account.attributes)) {
    assert.equal(typeof value, 'string', `the attribute ${name} is no text`);
  }
};

const proofs = (mechanism: Mechanism): Proof => {
  switch (mechanism) {
    case 'plain':
      return plainProof('x');
    case 'apop':
    case 'cram-md5':
      return { mechanism, salt: '<1.2@test>', digest: '0123456789abcdef0123456789abcdef' };
    case 'external':
      return { mechanism, certificate: { subject: 'CN=x', issuer: 'CN=y', serial: '01', fingerprint: '0'.repeat(40) } };
    case 'none':
      return { mechanism, from: '', to: 'x@example.org', helo: 'x' };
    case 'xoauth2':
    case 'oauthbearer':
      return { mechanism, token: 'x' };
  }
};

const protocolOf = (mechanism: Mechanism): LoginAttempt['protocol'] =>
  mechanism === 'apop' ? 'pop3' : mechanism === 'none' ? 'smtp' : 'imap';

/** A store that does not know its users may call any of them wrong. */
const assertUnknown = (opened: OpenedStore, kind: string): void => {
  const allowed = opened.store.abilities.knowsUsers ? ['unknown-user'] : ['unknown-user', 'rejected'];
  assert.ok(allowed.includes(kind), `an unknown user was answered with ${kind}, expected ${allowed.join(' or ')}`);
};

export const answerCases: readonly StoreCase[] = [
  {
    id: 'right',
    title: 'accepts the right password, every time, with an account that can be said in a header',
    run: (setup) =>
      withStore(setup, async (opened) => {
        for (const protocol of ['imap', 'pop3', 'smtp'] as const) {
          const verdict = await opened.ask({ ...setup.known, protocol });
          assert.ok(verdict.kind === 'accepted', `the right password was ${verdict.kind}`);
          assertSound(verdict.account);
        }
      }),
  },
  {
    id: 'wrong',
    title: 'rejects a wrong password, and the right one still holds afterwards',
    run: (setup) =>
      withStore(setup, async (opened) => {
        const { user } = setup.known;
        assert.equal((await opened.ask({ user, password: setup.wrong ?? defaultWrong })).kind, 'rejected');
        assert.equal((await opened.ask(setup.known)).kind, 'accepted');
      }),
  },
  {
    id: 'nearly-right',
    title: 'rejects passwords that are nearly right: a byte more, a byte less, other case, white space',
    run: (setup) =>
      withStore(setup, async (opened) => {
        const { user, password } = setup.known;
        const swapped = password.toUpperCase() === password ? password.toLowerCase() : password.toUpperCase();
        for (const near of [`${password}x`, password.slice(0, -1), ` ${password}`, `${password} `, `${password}\n`, swapped]) {
          if (near === password || near === '') continue;
          assert.equal((await opened.ask({ user, password: near })).kind, 'rejected');
        }
      }),
  },
  {
    id: 'unknown',
    title: 'calls an unknown user unknown, or at most wrong if it declares that it does not know its users',
    run: (setup) =>
      withStore(setup, async (opened) => {
        for (const password of [setup.wrong ?? defaultWrong, setup.known.password]) {
          assertUnknown(opened, (await opened.ask({ user: setup.unknown, password })).kind);
        }
      }),
  },
  {
    id: 'empty-password',
    title: 'rejects an empty password without asking anybody',
    run: (setup) =>
      withStore(setup, async (opened) => {
        const before = setup.asked?.();
        const verdict = await opened.ask({ user: setup.known.user, password: new Uint8Array() });
        assert.equal(verdict.kind, 'rejected');
        const stranger = await opened.ask({ user: setup.unknown, password: new Uint8Array() });
        assert.ok(['rejected', 'unknown-user'].includes(stranger.kind), `an unknown user without a password was ${stranger.kind}`);
        assert.equal(setup.asked?.(), before, 'the empty password reached the backend');
      }),
  },
  {
    id: 'disabled',
    title: 'refuses a disabled user for good, and says whether the password was right',
    run: (setup) =>
      withStore(setup, async (opened) => {
        const { user, password } = needed(setup.disabled, 'disabled');
        const right = await opened.ask({ user, password });
        assert.ok(right.kind === 'refused' && right.proofHeld, `the right password of a disabled user was ${right.kind}`);
        const wrong = await opened.ask({ user, password: setup.wrong ?? defaultWrong });
        const told = wrong.kind === 'rejected' || (wrong.kind === 'refused' && !wrong.proofHeld);
        assert.ok(told, `a wrong password of a disabled user was ${wrong.kind}`);
      }),
  },
  {
    id: 'mechanisms',
    title: 'judges no mechanism that it does not declare, and accepts no made-up proof under any',
    run: (setup) =>
      withStore(setup, async (opened) => {
        assert.ok(opened.store.abilities.mechanisms.includes('plain') || setup.skip?.right !== undefined, 'it does not declare plain');
        for (const mechanism of mechanisms.filter((one) => one !== 'plain')) {
          const verdict = await opened.ask({ user: setup.known.user, proof: proofs(mechanism), protocol: protocolOf(mechanism) });
          const declared = opened.store.abilities.mechanisms.includes(mechanism);
          assert.equal(verdict.kind, declared ? 'rejected' : 'unsupported', `a made-up proof under ${mechanism}`);
        }
      }),
  },
  {
    id: 'lookup',
    title: 'finds by lookup whom it accepts, under the same name, and nobody else',
    run: (setup) =>
      withStore(setup, async (opened) => {
        assert.ok(opened.store.lookup !== undefined, 'it has no `lookup`; skip this case with a reason');
        const [found, verdict] = [await opened.store.lookup(setup.known.user, opened.signal), await opened.ask(setup.known)];
        assert.ok(found.kind === 'found' && verdict.kind === 'accepted', `lookup says ${found.kind}, verify says ${verdict.kind}`);
        assert.equal(found.account.user, verdict.account.user);
        assert.equal((await opened.store.lookup(setup.unknown, opened.signal)).kind, 'unknown-user');
        if (setup.disabled !== undefined) {
          assert.equal((await opened.store.lookup(setup.disabled.user, opened.signal)).kind, 'refused');
        }
      }),
  },
];
