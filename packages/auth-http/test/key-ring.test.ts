import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KeyRing } from '../src/index.js';
import { utf8 } from './support/ask.js';

const offers = (ring: KeyRing, ...values: readonly string[]): boolean => ring.admits(values.map((value) => ['X-Auth-Key', value] as const));

describe('KeyRing', () => {
  it('rule 13: admits each of several keys and nothing else', () => {
    const ring = new KeyRing(['new-key', 'old-key']);
    expect(offers(ring, 'new-key')).toBe(true);
    expect(offers(ring, 'old-key')).toBe(true);
    for (const wrong of ['', 'new-ke', 'new-key2', 'NEW-KEY', 'new-keyold-key', 'new-key\0', '\0', 'x'.repeat(100_000)]) {
      expect([wrong, offers(ring, wrong)]).toEqual([wrong, false]);
    }
    expect(ring.admits([])).toBe(false);
    expect(ring.admits([['X-Other', 'new-key']])).toBe(false);
  });

  it('rule 13: remembers nothing of one comparison in the next', () => {
    const ring = new KeyRing(['abc']);
    expect(offers(ring, 'abcdef')).toBe(false);
    expect(offers(ring, 'abc')).toBe(true);
    expect(offers(ring, 'ab')).toBe(false);
    expect(offers(ring, '')).toBe(false);
  });

  it('rule 13: a key that comes twice admits nobody', () => {
    const ring = new KeyRing(['k']);
    expect(offers(ring, 'k', 'k')).toBe(false);
    expect(offers(ring, 'x', 'k')).toBe(false);
    expect(
      ring.admits([
        ['X-Auth-Key', 'k'],
        ['x-auth-key', 'k'],
      ]),
    ).toBe(false);
  });

  it('admits everybody without keys, and takes no empty key', () => {
    expect(new KeyRing([]).admits([])).toBe(true);
    expect(() => new KeyRing([''])).toThrow(RangeError);
    expect(() => new KeyRing(['good', ' \t'])).toThrow(RangeError);
  });

  it('finds the header in any case, compares bytes, and does not count blanks at the edges', () => {
    expect(new KeyRing(['k']).admits([['x-AUTH-key', 'k']])).toBe(true);
    expect(offers(new KeyRing(['schlüssel']), utf8('schlüssel'))).toBe(true);
    expect(offers(new KeyRing(['schlüssel']), 'schlüssel')).toBe(false);
    expect(offers(new KeyRing([' s3 cret ']), 's3 cret')).toBe(true);
  });

  it('admits a key exactly when it is one of the ring', () => {
    const key = fc.string({ minLength: 1, maxLength: 80 }).filter((text) => text.trim() === text);
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 4 }), key, (keys, offered) => {
        const ring = new KeyRing(keys);
        expect(offers(ring, offered)).toBe(keys.includes(offered));
        for (const one of keys) expect(offers(ring, one)).toBe(true);
      }),
      { seed: 13 },
    );
  });
});
