import { describe, expect, it } from '@jest/globals';
import type { CredentialStore, Verdict } from '@postern/contract';
import { accepted, accountOf, fakeStore, knowing, pipelineOf, rawAttempt, storeSeat } from './fakes.js';

const unknown: Verdict = { kind: 'unknown-user' };

const unreadable = (): Error =>
  new Proxy(new Error('x'), {
    get: () => {
      throw new Error('no');
    },
    getPrototypeOf: () => {
      throw new Error('no');
    },
  });

describe('a store that misbehaves', () => {
  const nonsense: readonly [string, unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['true', true],
    ['a text', 'accepted'],
    ['an unknown kind', { kind: 'yes' }],
    ['a kind that every object has', { kind: 'toString' }],
    ['accepted without an account', { kind: 'accepted' }],
    ['accepted without a user', { kind: 'accepted', account: { attributes: {} } }],
    ['accepted with an empty user', { kind: 'accepted', account: accountOf('') }],
    ['accepted with CR LF in the user', { kind: 'accepted', account: accountOf('a\r\nAuth-Status: OK') }],
    ['accepted with NUL in the user', { kind: 'accepted', account: accountOf('a\0b') }],
    ['accepted with a blank at the end of the user', { kind: 'accepted', account: accountOf('alice ') }],
    ['accepted with half a character in the user', { kind: 'accepted', account: accountOf('\ud800') }],
    ['accepted with a huge user', { kind: 'accepted', account: accountOf('a'.repeat(1_048_576)) }],
    ['accepted without attributes', { kind: 'accepted', account: { user: 'alice' } }],
    ['accepted with a number as attribute', { kind: 'accepted', account: { user: 'alice', attributes: { quota: 5 } } }],
    ['accepted with a list as secret', { kind: 'accepted', account: { user: 'alice', attributes: {}, secret: ['x'] } }],
    ['accepted with a text as backend login', { kind: 'accepted', account: { user: 'alice', attributes: {}, backend: 'x' } }],
    ['accepted with a number as backend password', { kind: 'accepted', account: { user: 'a', attributes: {}, backend: { password: 1 } } }],
    ['rejected for a number', { kind: 'rejected', user: 5 }],
    ['rejected for a user without a name, for whom all would be counted', { kind: 'rejected', user: '' }],
    ['rejected for a huge user', { kind: 'rejected', user: 'a'.repeat(1_048_576) }],
    ['refused without a reason', { kind: 'refused', proofHeld: true }],
    ['refused without proofHeld', { kind: 'refused', why: 'disabled' }],
    ['limited for a text', { kind: 'limited', retryAfterMs: 'soon' }],
    ['limited for ever less', { kind: 'limited', retryAfterMs: -1 }],
    ['limited for no number', { kind: 'limited', retryAfterMs: Number.NaN }],
  ];

  it.each(nonsense)('is deferred and named in the log when it answers %s', async (_what, answer) => {
    const { pipeline, log } = pipelineOf({ stores: [knowing('crm', answer as Verdict)] });
    const outcome = await pipeline.answer(rawAttempt());
    expect(outcome.verdict.kind).toBe('deferred');
    expect(outcome.answer).toMatchObject({ kind: 'denied', denial: 'deferred' });
    expect(log.loud).toHaveLength(1);
    expect(log.loud[0]).toMatchObject({ level: 'error', fields: { instance: 'crm', id: outcome.attempt?.id } });
  });

  it.each<[string, () => Promise<Verdict>]>([
    ['rejects', () => Promise.reject(new Error('boom'))],
    [
      'throws at once',
      () => {
        throw new Error('boom');
      },
    ],
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- plugins do such things
    ['rejects with a text', () => Promise.reject('boom')],
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- plugins do such things
    ['rejects with nothing', () => Promise.reject(undefined)],
    [
      'throws something that cannot be read',
      () => {
        throw unreadable();
      },
    ],
  ])('rule 58: is deferred and named in the log once when it %s, and the next one is asked', async (_what, verify) => {
    const { pipeline, log } = pipelineOf({ stores: [storeSeat('crm', { ...fakeStore(unknown), verify }), knowing('last', unknown)] });
    const outcome = await pipeline.answer(rawAttempt());
    expect(outcome.verdict.kind).toBe('deferred');
    expect(outcome.steps.filter(({ stage }) => stage === 'store').map(({ outcome: kind }) => kind)).toEqual(['deferred', 'unknown-user']);
    expect(log.loud).toHaveLength(1);
    expect(log.loud[0]).toMatchObject({ level: 'error', fields: { instance: 'crm' } });
  });

  it('cannot write the password into the log, in no form that drivers use', async () => {
    const password = 'c4nary p%ss"\\wörd';
    const forms = [
      password,
      JSON.stringify(password),
      encodeURIComponent(password),
      Buffer.from(password).toString('base64'),
      Buffer.from(password).toString('hex'),
    ];
    const failing = async (): Promise<Verdict> => {
      throw new Error(`login alice ${forms.join(' ')} failed`, { cause: new Error(`and ${password}`) });
    };
    const { pipeline, log } = pipelineOf({ stores: [storeSeat('crm', fakeStore(failing))] });
    const outcome = await pipeline.answer(rawAttempt({ proof: { mechanism: 'plain', password, bytes: Buffer.from(password) } }));
    const told = JSON.stringify([log.lines, outcome.steps]);
    for (const form of forms) expect(told).not.toContain(JSON.stringify(form).slice(1, -1));
    expect(told).toContain('login alice [secret]');
  });

  it('is logged with its cause when it says itself that it cannot tell', async () => {
    const { pipeline, log } = pipelineOf({ stores: [knowing('crm', { kind: 'deferred', cause: new Error('directory is down') })] });
    await pipeline.answer(rawAttempt());
    expect(log.loud).toMatchObject([{ level: 'warn', fields: { instance: 'crm', cause: 'Error: directory is down' } }]);
  });

  it('does not get far without abilities', () => {
    const store = { verify: async () => accepted() } as unknown as CredentialStore;
    expect(() => pipelineOf({ stores: [storeSeat('crm', store)] })).toThrow(/crm: .*abilities/);
  });
});
