import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryState, scopedState } from '@postern/kernel';
import fc from 'fast-check';
import { CapturedLog } from '../boot/support/captured-log.js';
import { FakeClock } from '../boot/support/fake-clock.js';

describe('state in memory', () => {
  let clock: FakeClock;
  let log: CapturedLog;
  let state: MemoryState;

  beforeEach(() => {
    clock = new FakeClock();
    log = new CapturedLog();
    state = new MemoryState({ clock, log, maxEntries: 100 });
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
        const bounded = new MemoryState({ log, clock: { monotonic: () => now }, maxEntries: 50 });
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

  it('keeps what is used when something has to go', async () => {
    for (let index = 0; index < 100; index++) await state.set(`k${index}`, 'x', 1000);
    await state.get('k0');
    await state.set('one more', 'x', 1000);
    expect([await state.get('k0'), await state.get('k1'), await state.get('k2')]).toEqual(['x', undefined, 'x']);
  });

  describe('sets', () => {
    const rules = { ttlMs: 1000, most: 50 };
    const noted = (key: string, member: string): Promise<number> => state.note(key, member, rules);

    beforeEach(() => {
      state = new MemoryState({ clock, log, maxEntries: 100, maxSets: 800 });
    });

    it('count different members, each until its own end', async () => {
      expect([await noted('s', 'a'), await noted('s', 'a'), await noted('s', 'b')]).toEqual([1, 1, 2]);
      await clock.step(500);
      expect(await noted('s', 'c')).toBe(3);
      // Noted again, `a` does not live longer.
      expect(await noted('s', 'a')).toBe(3);
      await clock.step(500);
      expect(await state.count(['s', 'other'])).toEqual([1, 0]);
      expect(await noted('s', 'a')).toBe(2);
    });

    it('hold as many members as they may, the youngest', async () => {
      for (const member of ['a', 'b', 'c']) await state.note('s', member, { ttlMs: 1000, most: 2 });
      expect(await state.note('s', 'a', { ttlMs: 1000, most: 3 })).toBe(3);
      expect(await state.note('one', 'a', { ttlMs: 1000, most: 1 })).toBe(1);
      expect(await state.note('one', 'b', { ttlMs: 1000, most: 1 })).toBe(1);
    });

    it('let single members go, and are gone with the last one', async () => {
      await noted('s', 'a');
      await noted('s', 'b');
      await state.forget('s', 'a');
      await state.forget('s', 'nobody');
      await state.forget('nothing', 'a');
      expect(await state.count(['s'])).toEqual([1]);
      await state.forget('s', 'b');
      expect(state.size).toBe(0);
      await noted('s', 'c');
      await state.delete('s');
      expect(await state.count(['s'])).toEqual([0]);
    });

    it('behave as a plain model of them does', async () => {
      const step = fc.record({ act: fc.constantFrom('note', 'note', 'forget', 'count'), member: fc.nat(5), pass: fc.nat(400) });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          let now = 0;
          const sets = new MemoryState({ log, clock: { monotonic: () => now } });
          const model = new Map<string, number>();
          for (const { act, member, pass } of steps) {
            now += pass;
            for (const [name, until] of model) if (until <= now) model.delete(name);
            if (act === 'forget') model.delete(`m${member}`);
            if (act === 'note' && !model.has(`m${member}`)) model.set(`m${member}`, now + 1000);
            if (act === 'forget') await sets.forget('s', `m${member}`);
            if (act === 'note') expect(await sets.note('s', `m${member}`, rules)).toBe(model.size);
            expect(await sets.count(['s'])).toEqual([model.size]);
          }
        }),
      );
    });

    it('are never more than may be', async () => {
      for (let index = 0; index < 5000; index++) {
        await noted(`s${index}`, 'a');
        if (index % 3 === 0) await noted(`s${index}`, 'b');
      }
      expect(state.size).toBeLessThanOrEqual(800);
    });

    it('of very many members are fewer, so that they need no more memory', async () => {
      for (let index = 0; index < 500; index++) for (let member = 0; member < 50; member++) await noted(`s${index}`, `m${member}`);
      expect(state.size).toBeLessThanOrEqual((800 * 4) / 50);
      expect(await state.count(['s499'])).toEqual([50]);
    });

    it('of many members stay when a spray of random ones comes', async () => {
      for (let member = 0; member < 9; member++) await noted('victim', `m${member}`);
      await state.set('value', 'x', 1000);
      for (let index = 0; index < 10_000; index++) await noted(`random${index}`, 'a');
      for (let index = 0; index < 10_000; index++) for (const member of ['a', 'b', 'c']) await noted(`more${index}`, member);
      expect(await state.count(['victim'])).toEqual([9]);
      expect(await state.get('value')).toBe('x');
    });

    it('just begun find room beside ever so many large ones', async () => {
      for (let index = 0; index < 2000; index++) for (let member = 0; member < 16; member++) await noted(`large${index}`, `m${member}`);
      await noted('small', 'a');
      for (let index = 0; index < 50; index++) await noted(`random${index}`, 'a');
      expect(await noted('small', 'b')).toBe(2);
    });

    it('that died are swept away while others are noted', async () => {
      for (let index = 0; index < 90; index++) await noted(`old${index}`, 'x');
      await clock.step(1000);
      for (let index = 0; index < 60; index++) await noted(`new${index}`, 'x');
      expect(state.size).toBeLessThan(70);
    });
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
