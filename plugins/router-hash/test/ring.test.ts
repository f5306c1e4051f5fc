import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { digestOf, fractionOf } from '../src/key-digest.js';
import { Ring, type RingMember } from '../src/ring.js';

const members = (count: number, weight: (index: number) => number = () => 1): RingMember[] =>
  Array.from({ length: count }, (_, index) => ({ name: `mail-${index}`, weight: weight(index) }));

const users = 100_000;
const user = (index: number): string => `user${index}@example.org`;

const homes = (ring: Ring<RingMember>, key: (index: number) => string = user): string[] =>
  Array.from({ length: users }, (_, index) => ring.best(key(index))?.name ?? '');

const shares = (found: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const name of found) counts.set(name, (counts.get(name) ?? 0) + 1 / found.length);
  return counts;
};

describe('a ring', () => {
  it('gives the same key the same member, in whatever order the members were named', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.shuffledSubarray(members(12), { minLength: 1 }), (key, some) => {
        const [ring, turned] = [new Ring(some), new Ring([...some].reverse())];
        expect(ring.best(key)).toEqual(turned.best(key));
        expect(ring.ranked(key)).toEqual(turned.ranked(key));
        expect(ring.ranked(key)[0]).toEqual(ring.best(key));
        expect(ring.ranked(key)).toHaveLength(some.length);
      }),
    );
  });

  it('moves only the users of the member that was taken out', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 9 }), (key, gone) => {
        const all = members(10, (index) => 1 + (index % 3));
        const before = new Ring(all).ranked(key);
        const after = new Ring(all.filter((_, index) => index !== gone)).ranked(key);
        expect(after).toEqual(before.filter((member) => member.name !== `mail-${gone}`));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([1, 4, 9, 30])('moves one in N + 1 users, and only to the newcomer, when one joins %i others', (count) => {
    const before = homes(new Ring(members(count)));
    const after = homes(new Ring(members(count + 1)));
    const moved = after.filter((name, index) => name !== before[index]);
    expect(new Set(moved)).toEqual(new Set([`mail-${count}`]));
    expect((moved.length / users) * (count + 1)).toBeCloseTo(1, 1);
  });

  it('gives each member its share by weight, within 3 percent at 100 000 users', () => {
    const weighted = members(5, (index) => [1, 2, 3, 0.5, 3.5][index]!);
    const found = shares(homes(new Ring(weighted)));
    for (const { name, weight } of weighted) expect(Math.abs((found.get(name)! * 10) / weight - 1)).toBeLessThan(0.03);
  });

  it('moves users only towards a member whose weight grows', () => {
    const before = homes(new Ring(members(4)));
    const after = homes(new Ring(members(4, (index) => (index === 2 ? 2 : 1))));
    expect(new Set(after.filter((name, index) => name !== before[index]))).toEqual(new Set(['mail-2']));
  });

  it.each<[string, (index: number) => string]>([
    ['plain numbers', (index) => String(index)],
    ['one long common prefix', (index) => `${'a'.repeat(200)}${index}`],
    ['one common suffix', (index) => `${index}${'@a-rather-long-domain-name.example.org'.repeat(3)}`],
    ['texts of one letter, ever longer', (index) => 'a'.repeat(index % 500) + String.fromCharCode(0x4e00 + (index >> 5))],
    ['keys that differ in one bit', (index) => String.fromCharCode(...Array.from({ length: 17 }, (_, bit) => 0x40 + ((index >> bit) & 1)))],
    ['two-byte keys', (index) => String.fromCodePoint(0x10000 + index)],
  ])('spreads %s evenly over 8 members', (_, key) => {
    for (const share of shares(homes(new Ring(members(8)), key)).values()) expect(Math.abs(share * 8 - 1)).toBeLessThan(0.05);
  });

  it('spreads evenly over members whose names hardly differ', () => {
    const alike = Array.from({ length: 16 }, (_, index) => ({ name: String.fromCharCode(97 + index), weight: 1 }));
    for (const share of shares(homes(new Ring(alike))).values()) expect(Math.abs(share * 16 - 1)).toBeLessThan(0.06);
  });

  it('lets the second choices of one member’s users spread over all others', () => {
    const ring = new Ring(members(5));
    const seconds = Array.from({ length: users }, (_, index) => ring.ranked(user(index))).filter(([first]) => first?.name === 'mail-0');
    for (const share of shares(seconds.map((ranked) => ranked[1]!.name)).values()) expect(Math.abs(share * 4 - 1)).toBeLessThan(0.06);
  });

  it('has no best member when it is empty', () => {
    expect(new Ring([]).best('ann')).toBeUndefined();
    expect(new Ring([]).ranked('ann')).toEqual([]);
  });
});

describe('where a mailbox lives, in this version and in every later one', () => {
  it('follows from a digest that never changes', () => {
    const digests = ['', 'a', 'ann@example.org', 'jörg@example.org', '\u{1f4e7}'].map((text) => digestOf(text));
    expect(digests.map(({ high, low }) => [high >>> 0, low >>> 0])).toEqual([
      [3243087473, 451841411],
      [808603269, 2194241793],
      [2823975924, 3000751418],
      [2014283161, 4142113962],
      [3009651119, 1988859620],
    ]);
  });

  it('follows from fractions that never change', () => {
    expect(fractionOf(digestOf('ann@example.org'), digestOf('mail-a'))).toBe(0.8120591561342893);
    expect(fractionOf(digestOf('ben@example.org'), digestOf('mail-b'))).toBe(0.10970781177000333);
  });

  it('is this for these users', () => {
    const ring = new Ring([
      { name: 'mail-a', weight: 1 },
      { name: 'mail-b', weight: 2 },
      { name: 'mail-c', weight: 1 },
    ]);
    const order = (key: string): string => ring.ranked(key).map(({ name }) => name.slice(-1)).join(''); // prettier-ignore
    const golden = {
      'ann@example.org': 'cba',
      'ben@example.org': 'cab',
      'cleo@example.net': 'bac',
      dora: 'abc',
      'jörg@example.org': 'abc',
      proto: 'cba',
      '': 'cba',
      '12345': 'cba',
    };
    const keys = ['ann@example.org', 'ben@example.org', 'cleo@example.net', 'dora', 'jörg@example.org', '__proto__', '', '12345'];
    expect(Object.fromEntries(keys.map((key) => [key === '__proto__' ? 'proto' : key, order(key)]))).toEqual(golden);
  });

  it('lies strictly between 0 and 1 even for the outermost hashes', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (key, name) => {
        const fraction = fractionOf(digestOf(key), digestOf(name));
        expect(fraction > 0 && fraction < 1).toBe(true);
      }),
    );
    expect((0xffffffff * 0x100000 + 0xfffff + 0.5) / 0x10000000000000).toBeLessThan(1);
  });
});
