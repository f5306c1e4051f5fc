import type { CredentialStore, Verdict } from '@postern/contract';
import { StoreGuard, type StoreLimits } from '../../../src/answer/guard/store-guard.js';
import type { Outcome } from '../../../src/answer/outcome.js';
import type { StoreSeat } from '../../../src/answer/seat.js';
import { type Bench, fakeStore, type FakeStore, ManualClock, MemoryLog, pipelineOf, rawAttempt, settled, storeSeat } from '../fakes.js';

export const unknown: Verdict = { kind: 'unknown-user' };
export const broken: Verdict = { kind: 'deferred', cause: new Error('the directory is away') };
const defaults: StoreLimits = { concurrency: 4, queue: 4, breaker: { after: 3, forMs: 2000 } };

export interface Room extends Bench {
  readonly guards: ReadonlyMap<string, StoreGuard>;
  login(user: string): Promise<Outcome>;
  kindOf(user: string): Promise<Verdict['kind']>;
}

export const roomOf = (seats: readonly (StoreSeat & { readonly limits?: Partial<StoreLimits> })[]): Room => {
  const clock = new ManualClock();
  const log = new MemoryLog();
  const guards = new Map<string, StoreGuard>();
  const stores = seats.map(({ limits, ...seat }) => {
    const { name } = seat;
    const guard = new StoreGuard({
      name,
      limits: { ...defaults, ...limits },
      clock,
      log,
      scrub: (text) => text.replaceAll('bindpw', '[secret]'),
    });
    guards.set(name, guard);
    return { ...seat, guard };
  });
  const { pipeline } = pipelineOf({ stores, clock, log });
  const login = (user: string): Promise<Outcome> => pipeline.answer(rawAttempt({ rawUser: `${user}@example.org` }));
  return { clock, log, pipeline, guards, login, kindOf: async (user) => (await login(user)).verdict.kind };
};

export const guarded = (name: string, instance: CredentialStore, limits: Partial<StoreLimits> = {}) => ({
  ...storeSeat(name, instance),
  limits,
});

/** A store whose questions stay open until the test answers them, the oldest first. */
export class HeldStore {
  readonly open: ((verdict: Verdict) => void)[] = [];
  readonly store: FakeStore = fakeStore(() => new Promise((resolve) => this.open.push(resolve)));

  async answerOne(verdict: Verdict): Promise<void> {
    this.open.shift()?.(verdict);
    await settled();
  }
}

export const failThrice = async (room: Room): Promise<void> => {
  for (const user of ['a', 'b', 'c']) await room.login(user);
};
