import { describe, expect, it } from '@jest/globals';
import type { Policy } from '@postern/contract';
import { clearText, denialOf, good, pipelineOf, proofOf, rawAttempt, seat, storeSeat } from './fakes.js';

describe('requireTls', () => {
  it('refuses in clear text before any policy or store is asked', async () => {
    const store = good();
    const policy: Policy = { around: () => () => Promise.reject(new Error('asked')) };
    const { pipeline } = pipelineOf({ requireTls: true, stores: [storeSeat('a', store)], policies: [seat('p', policy)] });
    for (const mechanism of ['plain', 'apop', 'cram-md5', 'xoauth2', 'oauthbearer'] as const) {
      const outcome = await pipeline.answer({ ...clearText, proof: proofOf(mechanism) });
      expect(denialOf(outcome.answer)).toBe('tls-required');
      expect(outcome.verdict).toEqual({ kind: 'refused', why: 'tls-required', proofHeld: false });
    }
    expect(store.asked).toHaveLength(0);
  });

  it('lets TLS, and mail without a login, pass', async () => {
    const none = { domains: ['example.org'], knownRecipients: false };
    const { pipeline } = pipelineOf({ requireTls: true, none, stores: [storeSeat('a', good())] });
    expect((await pipeline.answer(rawAttempt())).answer.kind).toBe('placed');
    expect((await pipeline.answer({ ...clearText, protocol: 'smtp', proof: proofOf('none') })).answer.kind).toBe('placed');
  });
});
