import { describe, expect, it } from '@jest/globals';
import { attempt, plainProof, type AttemptParts } from '@postern/testkit';
import fc from 'fast-check';
import { isPlain, Keys, type PlainAttempt } from '../src/keys.js';

const keys = new Keys('a secret of some length', true);

const plain = (parts: AttemptParts): PlainAttempt => {
  const made = attempt(parts);
  if (!isPlain(made)) throw new Error('not plain');
  return made;
};

/** Texts full of what a builder might put between two fields. */
const nasty = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', ':', ';', '-', '\0', '0', '1', '2', '\n', '|', 'plain', 'tls', 'imap') }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '-;', '0:', '1:a', '\ud800', '\udfff', '\ufffd', '__proto__'),
);

const optional = fc.option(nasty, { nil: undefined });

const fields = fc.record({
  user: nasty,
  password: fc.uint8Array({ maxLength: 6 }),
  protocol: fc.constantFrom('imap' as const, 'pop3' as const, 'smtp' as const),
  tls: fc.option(fc.record({ protocol: optional, cipher: optional }), { nil: undefined }),
  ip: nasty,
  host: optional,
  generation: fc.nat(20),
});
type Fields = typeof fields extends fc.Arbitrary<infer T> ? T : never;

const only = (given: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== undefined));

const attemptOf = ({ user, password, protocol, tls, ip, host }: Fields): PlainAttempt =>
  plain({
    user,
    proof: plainProof(password),
    protocol,
    client: { ip, ...only({ host }) },
    ...(tls === undefined ? {} : { tls: only({ protocol: tls.protocol, cipher: tls.cipher }) }),
  });

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
/** `JSON.stringify` leaves undefined out and writes lone surrogates as escapes, so it tells all of them apart. */
const spelled = ({ password, ...rest }: Fields): unknown => [
  rest.user,
  rest.protocol,
  rest.tls ?? 'none',
  rest.ip,
  rest.host ?? null,
  rest.generation,
  [...password],
];

describe('the key of an answer', () => {
  it('is the same for two attempts exactly when all is the same that the answer may depend on, whatever the fields hold', () => {
    fc.assert(
      fc.property(fields, fields, (one, other) => {
        const [first, second] = [keys.answer(attemptOf(one), one.generation), keys.answer(attemptOf(other), other.generation)];
        return (first === second) === same(spelled(one), spelled(other));
      }),
      { numRuns: 3000 },
    );
  });

  it('differs as soon as one field differs', () => {
    fc.assert(
      fc.property(
        fields,
        fields,
        fc.constantFrom(...(['user', 'password', 'protocol', 'tls', 'ip', 'host', 'generation'] as const)),
        (one, other, name) => {
          const changed = { ...one, [name]: other[name] };
          const differs = keys.answer(attemptOf(one), one.generation) !== keys.answer(attemptOf(changed), changed.generation);
          return differs !== same(spelled(one), spelled(changed));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('moves with its border: what one user has at the end another does not have at the beginning', () => {
    fc.assert(
      fc.property(nasty, nasty, nasty, (one, two, three) => {
        const ofOne = attemptOf({
          user: one + two,
          password: Buffer.from(three),
          protocol: 'imap',
          tls: undefined,
          ip: '',
          host: undefined,
          generation: 0,
        });
        const ofOther = attemptOf({
          user: one,
          password: Buffer.from(two + three),
          protocol: 'imap',
          tls: undefined,
          ip: '',
          host: undefined,
          generation: 0,
        });
        return two === '' || keys.answer(ofOne, 0) !== keys.answer(ofOther, 0);
      }),
    );
  });

  it('knows nothing of what people typed before it was made canonical, nor of the attempt’s number', () => {
    const one = plain({ rawUser: 'Ann', ordinal: 1, id: 'a' });
    expect(keys.answer(one, 0)).toBe(keys.answer(plain({ rawUser: 'ANN@example.org', ordinal: 9, id: 'b' }), 0));
  });

  it('leaves out the address where it makes no difference, and nothing else', () => {
    const anywhere = new Keys('a secret of some length', false);
    const [here, there] = [plain({ client: { ip: '192.0.2.1', host: 'a.example' } }), plain({ client: { ip: '192.0.2.2' } })];
    expect(anywhere.answer(here, 0)).toBe(anywhere.answer(there, 0));
    expect(keys.answer(here, 0)).not.toBe(keys.answer(there, 0));
    expect(anywhere.answer({ ...here, tls: {} }, 0)).not.toBe(anywhere.answer(here, 0));
  });

  it('rule 65: is another under another secret, and holds neither the password nor a plain hash of it', async () => {
    const { createHash } = await import('node:crypto');
    const login = plain({ password: 'hunter2' });
    const key = keys.answer(login, 0);
    expect(key).toHaveLength(16);
    expect(new Keys('a secret of other length', true).answer(login, 0)).not.toBe(key);
    expect(key).not.toContain('hunter2');
    for (const text of ['hunter2', 'ann@example.orghunter2']) {
      expect(createHash('sha256').update(text).digest().toString('latin1')).not.toContain(key);
    }
  });
});

describe('the key of a proof', () => {
  it('is the same wherever the password is offered, and another for another user or password', () => {
    const login = plain({});
    expect(keys.proof({ ...login, protocol: 'pop3', tls: {}, client: { ip: '::1' } })).toBe(keys.proof(login));
    expect(keys.proof(plain({ user: 'bob@example.org' }))).not.toBe(keys.proof(login));
    expect(keys.proof(plain({ password: 'other' }))).not.toBe(keys.proof(login));
    expect(keys.answer(login, 0).startsWith(keys.proof(login))).toBe(false);
  });

  it('goes by the bytes and not by how they read', () => {
    const [one, other] = [plain({ password: new Uint8Array([0xff]) }), plain({ password: new Uint8Array([0xfe]) })];
    expect(one.proof.password).toBe(other.proof.password);
    expect(keys.answer(one, 0)).not.toBe(keys.answer(other, 0));
    expect(keys.proof(one)).not.toBe(keys.proof(other));
  });
});
