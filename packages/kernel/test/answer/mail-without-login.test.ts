import { describe, expect, it } from '@jest/globals';
import type { RawAttempt } from '@postern/auth-http';
import type { Account } from '@postern/contract';
import { accepted, accountOf, denialOf, fakeStore, good, pipelineOf, proofOf, rawAttempt, storeSeat } from './fakes.js';

describe('mail without a login', () => {
  const mail = (rawUser = 'alice@example.org'): RawAttempt => rawAttempt({ rawUser, protocol: 'smtp', proof: proofOf('none') });
  const domains = ['Example.org', 'münchen.de'];

  it('rule 35: is denied by default, and outside of the configured domains, without asking a store', async () => {
    const store = good();
    const seats = { stores: [storeSeat('a', store)] };
    expect(denialOf((await pipelineOf(seats).pipeline.answer(mail())).answer)).toBe('relay-denied');
    const { pipeline } = pipelineOf({ ...seats, none: { domains, knownRecipients: false } });
    for (const to of ['a@elsewhere.net', 'alice', 'a@example.org@elsewhere.net', 'a@sub.example.org']) {
      expect(denialOf((await pipeline.answer(mail(to))).answer)).toBe('relay-denied');
    }
    expect(store.looked).toHaveLength(0);
  });

  it('rule 35: never tells nginx a user or a password, which would make it an authenticated session', async () => {
    const account: Account = accountOf('alice@example.org', { secret: 's', backend: { user: 'u', password: 'p' } });
    const store = fakeStore(accepted(), { lookup: { kind: 'found', account } });
    const { pipeline } = pipelineOf({ stores: [storeSeat('a', store)], none: { domains, knownRecipients: true } });
    const { answer } = await pipeline.answer(mail());
    expect(answer).toEqual({ kind: 'placed', server: '192.0.2.1', port: 25, asked: { protocol: 'smtp', mechanism: 'none', ordinal: 1 } });
  });

  it('rule 36: is decided on the recipient, in its canonical form', async () => {
    const { pipeline } = pipelineOf({ none: { domains, knownRecipients: false } });
    const outcome = await pipeline.answer(mail('Bob@MÜNCHEN.de'));
    expect(outcome.answer.kind).toBe('placed');
    expect(outcome.account).toEqual({ user: 'bob@xn--mnchen-3ya.de', attributes: {} });
  });

  it('is taken for everybody of a domain unless only known recipients are wanted', async () => {
    const unknown = { stores: [storeSeat('a', fakeStore(accepted(), { lookup: { kind: 'unknown-user' } }))] };
    expect((await pipelineOf({ ...unknown, none: { domains, knownRecipients: false } }).pipeline.answer(mail())).answer.kind).toBe(
      'placed',
    );
    expect(denialOf((await pipelineOf({ ...unknown, none: { domains, knownRecipients: true } }).pipeline.answer(mail())).answer)).toBe(
      'unknown-recipient',
    );
  });

  it('is deferred, not bounced, when known recipients are wanted and nobody can look them up', async () => {
    const { pipeline } = pipelineOf({ stores: [storeSeat('a', fakeStore(accepted()))], none: { domains, knownRecipients: true } });
    expect(denialOf((await pipeline.answer(mail())).answer)).toBe('deferred');
  });

  it.each(['bad address @example.org', 'a\0b@example.org', '@example.org'])('is denied for the address %j', async (to) => {
    const { pipeline } = pipelineOf({ none: { domains, knownRecipients: false } });
    expect(denialOf((await pipeline.answer(mail(to))).answer)).toBe('bad-address');
  });

  it('is told of an outage as an outage, and of a disabled mailbox as of an unknown one', async () => {
    const down = fakeStore(accepted(), { lookup: { kind: 'deferred', cause: new Error('down') } });
    const disabled = fakeStore(accepted(), { lookup: { kind: 'refused', why: 'disabled' } });
    const none = { domains, knownRecipients: false };
    expect(denialOf((await pipelineOf({ stores: [storeSeat('a', down)], none }).pipeline.answer(mail())).answer)).toBe('deferred');
    expect(denialOf((await pipelineOf({ stores: [storeSeat('a', disabled)], none }).pipeline.answer(mail())).answer)).toBe(
      'unknown-recipient',
    );
  });

  it('does not come back to its sender because somebody tried wrong passwords until the mailbox was locked', async () => {
    const locked = fakeStore(accepted(), { lookup: { kind: 'refused', why: 'locked' } });
    for (const knownRecipients of [true, false]) {
      const { pipeline } = pipelineOf({ stores: [storeSeat('a', locked)], none: { domains, knownRecipients } });
      expect(denialOf((await pipeline.answer(mail())).answer)).toBe('deferred');
    }
  });
});
