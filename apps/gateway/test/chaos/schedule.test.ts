import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Random } from './random.js';
import { scheduleOf, type Round } from './schedule.js';
import type { Victim } from './victim.js';

const victims: readonly Pick<Victim, 'name' | 'faults'>[] = [
  { name: 'slapd', faults: ['kill', 'stop', 'freeze', 'garbage'] },
  { name: 'redis', faults: ['kill', 'black-hole'] },
  { name: 'gateway', faults: ['reload', 'kill', 'freeze'] },
];
const pairs = 9;

const plan = (seed: number, rounds: number): readonly Round[] => scheduleOf(victims, rounds, 1000, new Random(seed));
const firsts = (rounds: readonly Round[]): readonly string[] =>
  rounds.map(({ faults: [first] }) => `${first?.victim ?? ''} ${first?.fault ?? ''}`);

describe('the schedule of the chaos suite', () => {
  it('is the same for the same seed, and another for another', () => {
    fc.assert(fc.property(fc.nat(), (seed) => expect(plan(seed, 20)).toEqual(plan(seed, 20))));
    expect(plan(1, 20)).not.toEqual(plan(2, 20));
  });

  it('breaks everything in every way before anything comes again, and each victim in turn', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const rounds = plan(seed, 2 * pairs);
        expect(new Set(firsts(rounds.slice(0, pairs))).size).toBe(pairs);
        expect(new Set(firsts(rounds.slice(pairs))).size).toBe(pairs);
        expect(new Set(rounds.slice(0, victims.length).map(({ faults: [first] }) => first?.victim)).size).toBe(victims.length);
      }),
    );
  });

  it('breaks a second victim in every third round, and lasts five times as long in every tenth', () => {
    for (const [index, { faults, holdMs }] of plan(7, 30).entries()) {
      expect(new Set(faults.map(({ victim }) => victim)).size).toBe(index % 3 === 2 ? 2 : 1);
      const times = index % 10 === 9 ? 5 : 1;
      expect(holdMs).toBeGreaterThanOrEqual(500 * times);
      expect(holdMs).toBeLessThanOrEqual(1000 * times);
    }
  });

  it('does with one victim', () => {
    const [only] = victims;
    expect(scheduleOf(only === undefined ? [] : [only], 5, 1000, new Random(3)).every(({ faults }) => faults.length === 1)).toBe(true);
  });
});
