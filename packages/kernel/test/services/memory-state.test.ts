import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryState, scopedState } from '@postern/kernel';
import fc from 'fast-check';
import { FakeClock } from '../boot/support/fake-clock.js';

describe('state in memory', () => {
  let clock: FakeClock;
  let state: MemoryState;

  beforeEach(() => {
    clock = new FakeClock();
    state = new MemoryState({ clock, maxEntries: 100 });
  });

  it('keeps a value until it expires', async () => {
    await state.set('a', '1', 1000);
    await clock.step(999);
    expect(await state.get('a')).toBe('1');
    await clock.step(1);
    expect(await state.get('a')).toBeUndefined();
  });

  it('counts, and sets the expiry only when the key is new', async () => {
    expect(await state.increment('a', 2, 1000)).toBe(2);
    await clock.step(900);
    expect(await state.increment('a', 3, 1000)).toBe(5);
    await clock.step(100);
    expect(await state.increment('a', 1, 1000)).toBe(1);
  });

  it('refuses to count what is no number', async () => {
    await state.set('a', 'x', 1000);
    await expect(state.increment('a', 1, 1000)).rejects.toThrow('no number');
  });

  it('forgets what is deleted, and knows nothing that was not set', async () => {
    await state.set('a', '1', 1000);
    await state.delete('a');
    await state.delete('b');
    expect([await state.get('a'), await state.get('__proto__'), await state.get('constructor')]).toEqual([undefined, undefined, undefined]);
  });

  it('takes keys such as __proto__', async () => {
    await state.set('__proto__', 'x', 1000);
    expect(await state.get('__proto__')).toBe('x');
  });

  it('never holds more than it may, whatever is done', async () => {
    const step = fc.record({ key: fc.nat(400), ttl: fc.integer({ min: 1, max: 5000 }), count: fc.boolean(), pass: fc.nat(50) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 200, maxLength: 400 }), async (steps) => {
        const bounded = new MemoryState({ clock: { monotonic: () => now }, maxEntries: 50 });
        let now = 0;
        for (const { key, ttl, count, pass } of steps) {
          now += pass;
          await (count ? bounded.increment(`k${key}`, 1, ttl) : bounded.set(`k${key}`, '5', ttl).then(() => 0));
          expect(bounded.size).toBeLessThanOrEqual(50);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('sweeps what expired away while others are written', async () => {
    for (let index = 0; index < 90; index++) await state.set(`old${index}`, 'x', 1000);
    await clock.step(1000);
    for (let index = 0; index < 60; index++) await state.set(`new${index}`, 'x', 1000);
    expect(state.size).toBeLessThan(70);
  });

  it('gives each instance a corner of its own', async () => {
    const [one, other] = [scopedState(state, 'a'), scopedState(state, 'a:b')];
    await one.set('b:c', 'one', 1000);
    await other.set('c', 'other', 1000);
    expect([await one.get('b:c'), await other.get('c'), await one.get('c')]).toEqual(['one', 'other', undefined]);
    expect(await other.increment('n', 1, 1000)).toBe(1);
    await other.delete('n');
    expect(await other.get('n')).toBeUndefined();
  });
});
