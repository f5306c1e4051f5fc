import type { Random } from './random.js';
import type { FaultName, Victim, VictimName } from './victim.js';

export interface PlannedFault {
  readonly victim: VictimName;
  readonly fault: FaultName;
}

/** What is broken at the same time, in order; it is all mended, in that order, when the time is over. */
export interface Round {
  readonly faults: readonly PlannedFault[];
  readonly holdMs: number;
}

type Breakable = Pick<Victim, 'name' | 'faults'>;

const everyFault = (victims: readonly Breakable[]): readonly PlannedFault[] =>
  victims.flatMap(({ name, faults }) => faults.map((fault) => ({ victim: name, fault })));

/** In turns of victims, so that a short run breaks each of them once. */
const inTurns = (victims: readonly Breakable[], random: Random): readonly PlannedFault[] => {
  const piles = random.shuffled(victims).map((victim) => [...random.shuffled(everyFault([victim]))]);
  const order: PlannedFault[] = [];
  while (piles.some((pile) => pile.length > 0)) order.push(...piles.flatMap((pile) => pile.splice(0, 1)));
  return order;
};

/**
 * The rounds of a run, the same for the same numbers. Every fault of every victim comes once before one comes again; in every third
 * round something else breaks, too. `holdMs`: the longest time of a round; the shortest is half of it. Every tenth lasts five times as
 * long: whoever tries a server again and again has slowed down by then.
 */
export const scheduleOf = (victims: readonly Breakable[], rounds: number, holdMs: number, random: Random): readonly Round[] => {
  const pile: PlannedFault[] = [];
  const next = (): PlannedFault => {
    if (pile.length === 0) pile.push(...inTurns(victims, random));
    return pile.shift() as PlannedFault;
  };
  return Array.from({ length: rounds }, (_, index) => {
    const first = next();
    const others = everyFault(victims.filter(({ name }) => name !== first.victim));
    const second = index % 3 === 2 && others.length > 0 ? [random.pick(others)] : [];
    const times = index % 10 === 9 ? 5 : 1;
    return { faults: [first, ...second], holdMs: Math.round((times * holdMs * (1 + random.next())) / 2) };
  });
};
