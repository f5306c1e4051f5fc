import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { cryptThreads } from '../src/crypt-threads.js';
import { heavyChecks } from '../src/gate.js';
import { burn, examine, schemeOf, UsualHash, verifyPassword } from '../src/index.js';
import { permissive, strict, vectors } from './vectors.js';

/** One hash of each scheme and cost. */
const perCost = new Map(vectors.map(({ stored }) => [examine(stored, permissive).cost ?? '', stored]));

/** All others go through the gate. */
const cheap = /^(?:PLAIN|PLAIN-MD5|CRAM-MD5|SMD5|S?SHA\d*)$/;

/** What a check did: how often it went through the gate, and what the threads were asked. */
const workOf = async (check: () => Promise<unknown>): Promise<unknown> => {
  const gate = jest.spyOn(heavyChecks, 'run');
  const threads = jest.spyOn(cryptThreads, 'digest');
  await check();
  const jobs = threads.mock.calls.map(([{ id, rounds, salt }]) => [id, rounds, salt.length]);
  return { heavy: gate.mock.calls.length, jobs };
};

afterEach(() => {
  jest.restoreAllMocks();
});

describe('what a check costs', () => {
  const wrong = Buffer.from('wrong pässword');

  it.each([...perCost])('rule 59: %s: an unknown user costs the work of a wrong password', async (cost, stored) => {
    const forWrong = await workOf(() => verifyPassword(wrong, stored, permissive));
    jest.restoreAllMocks();
    expect(await workOf(() => burn(wrong, stored, permissive))).toEqual(forWrong);
    expect(forWrong).toMatchObject({ heavy: cheap.test(cost) ? 0 : 1 });
  });

  it('a password that no crypt(3) would take is not worked on, however long', async () => {
    const stored = vectors.find((vector) => schemeOf(vector.stored, 'CRYPT') === 'SHA512-CRYPT')?.stored ?? '';
    const long = Buffer.alloc(100_000, 'x');
    expect(await workOf(async () => expect(await verifyPassword(long, stored, strict)).toBe('mismatch'))).toEqual({ heavy: 1, jobs: [] });
  });
});

describe('the usual hash of a store', () => {
  const bcrypt = (cost: string, salt = 'abc'): string => `$2y$${cost}$${salt}defghijklmnopqrstuujyowYzwa5GTkdJQ1hID4j4yIozDs7U.`;
  const first = '{SSHA512}first';

  it('is what was said before any was seen, and then the most frequent cost among the latest', () => {
    const usual = new UsualHash(strict, first);
    expect(usual.stored).toBe(first);
    usual.note(bcrypt('05'));
    expect(usual.stored).toBe(bcrypt('05'));
    usual.note(bcrypt('06'));
    usual.note(bcrypt('06', 'xyz'));
    expect(usual.stored).toBe(bcrypt('06', 'xyz'));
    for (let count = 0; count < 64; count += 1) usual.note(bcrypt('07'));
    expect(usual.stored).toBe(bcrypt('07'));
  });

  it('is not what costs nothing: locked accounts, broken hashes, schemes that are not allowed', () => {
    const usual = new UsualHash(strict, first);
    for (const stored of ['!', '*', '', '{FOO}x', '{PLAIN}x', bcrypt('31')]) usual.note(stored);
    expect(usual.stored).toBe(first);
  });

  it('does not show in dumps', () => {
    const usual = new UsualHash(strict, first);
    usual.note(bcrypt('05'));
    expect(JSON.stringify(usual)).toBe('{}');
  });
});
