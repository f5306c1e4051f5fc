import { describe, expect, it } from '@jest/globals';
import type { RawAttempt } from '@postern/auth-http';
import { mechanisms } from '@postern/contract';
import { accepted, denialOf, fakeStore, good, pipelineOf, proofOf, rawAttempt, storeSeat } from './fakes.js';

describe('external', () => {
  const external = (parts: Partial<RawAttempt> = {}): RawAttempt => rawAttempt({ protocol: 'smtp', proof: proofOf('external'), ...parts });

  it('rule 33: is rejected as long as no rule says whose a certificate is', async () => {
    const store = good();
    const { pipeline } = pipelineOf({ stores: [storeSeat('a', store)] });
    expect(denialOf((await pipeline.answer(external())).answer)).toBe('rejected');
    expect(store.looked).toHaveLength(0);
  });

  it('rule 33: is rejected when the certificate names nobody', async () => {
    const { pipeline } = pipelineOf({ certificateRule: { 'cd': 'alice' }, stores: [storeSeat('a', good())] }); // prettier-ignore
    expect(denialOf((await pipeline.answer(external())).answer)).toBe('rejected');
  });

  it('rule 34: takes the identity from the certificate, whatever name the client asks for', async () => {
    for (const rawUser of ['', 'root@example.org', 'x\r\ny']) {
      const store = good();
      const { pipeline } = pipelineOf({ certificateRule: 'email', stores: [storeSeat('a', store)] });
      const outcome = await pipeline.answer(external({ rawUser }));
      expect(outcome.answer.kind).toBe('placed');
      expect(store.looked).toEqual(['cert@example.org']);
      expect(store.asked).toHaveLength(0);
    }
  });

  it('is refused in the words of the account that a store refuses', async () => {
    const store = fakeStore(accepted(), { mechanisms, lookup: { kind: 'refused', why: 'disabled' } });
    const { pipeline } = pipelineOf({ certificateRule: 'email', stores: [storeSeat('a', store)] });
    expect(denialOf((await pipeline.answer(external())).answer)).toBe('disabled');
  });

  it('rule 32: is deferred for imap when there is no password to send to the mail server, and the log says what to do', async () => {
    const { pipeline, log } = pipelineOf({ certificateRule: 'email', stores: [storeSeat('a', good())] });
    expect(denialOf((await pipeline.answer(external({ protocol: 'imap' }))).answer)).toBe('deferred');
    expect(JSON.stringify(log.lines)).toContain('login.password');
  });
});
