import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PortWatch } from '../../src/backends/port-watch.js';

const rules = { rise: 2, fall: 2 };

/** `+` a good check, `-` a failed one; the health after each. */
const after = (results: string, watch = new PortWatch(rules)): string[] =>
  Array.from(results, (result) => {
    watch.record(result === '+' ? { kind: 'greeted' } : { kind: 'failed', why: 'refused' }, 1);
    return watch.health;
  });

describe('the health of a port', () => {
  it('is up with the first good check', () => expect(after('+')).toEqual(['up']));

  it('is suspect, not down, when it was never seen up', () => expect(after('---')).toEqual(['unchecked', 'suspect', 'suspect']));

  it('goes down after so many failures in a row, and up after so many good checks', () => {
    expect(after('+--+-++')).toEqual(['up', 'up', 'down', 'down', 'down', 'down', 'up']);
  });

  it('does not change for a backend that flaps', () => {
    expect(new Set(after(`+${'-+'.repeat(20)}`))).toEqual(new Set(['up']));
    expect(new Set(after(`+--${'+-'.repeat(20)}`).slice(2))).toEqual(new Set(['down']));
    expect(new Set(after(`--${'+-'.repeat(20)}`).slice(1))).toEqual(new Set(['suspect']));
  });

  it('keeps the reason of the last failure, and the time of the last change', () => {
    const watch = new PortWatch(rules);
    expect([watch.since, watch.note]).toEqual([undefined, undefined]);
    expect(watch.record({ kind: 'greeted' }, 10)).toBe(true);
    expect(watch.record({ kind: 'failed', why: 'ECONNREFUSED' }, 20)).toBe(false);
    expect([watch.since, watch.note, watch.health]).toEqual([10, 'ECONNREFUSED', 'up']);
    expect(watch.record({ kind: 'greeted' }, 30)).toBe(false);
    expect(watch.note).toBeUndefined();
  });

  it('remembers what it was before a reload', () => {
    const watch = new PortWatch(rules, { health: 'down', since: 5 });
    expect([watch.health, watch.since]).toEqual(['down', 5]);
    expect(after('+-++', watch)).toEqual(['down', 'down', 'down', 'up']);
  });

  it('is down only when it was up, and changes only after results in a row', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[+-]{1,60}$/),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        (results, rise, fall) => {
          const health = after(results, new PortWatch({ rise, fall }));
          const firstDown = health.indexOf('down');
          if (firstDown >= 0) expect(health.slice(0, firstDown)).toContain('up');
          for (let index = 1; index < health.length; index++) {
            const [before, now] = [health[index - 1], health[index]];
            if (before === now || before === 'unchecked') continue;
            const needed = now === 'up' ? '+'.repeat(rise) : '-'.repeat(fall);
            expect(results.slice(0, index + 1).endsWith(needed)).toBe(true);
          }
        },
      ),
    );
  });
});
