import { describe, expect, it } from '@jest/globals';
import { accepted, fakeStore, never, settled, storeSeat } from '../fakes.js';
import { guarded, roomOf } from './room.js';

describe('a black hole', () => {
  it('in front of everybody holds up only the first; then the users of the other store are answered at once', async () => {
    const hole = fakeStore(() => never());
    const room = roomOf([guarded('hole', hole), guarded('sql', fakeStore(accepted()), { concurrency: 64 })]);
    const first = ['a', 'b', 'c', 'd', 'e', 'f'].map((user) => room.login(user));
    await room.clock.pass(5000);
    expect((await Promise.all(first)).map(({ verdict }) => verdict.kind)).toEqual(Array.from({ length: 6 }, () => 'accepted'));
    const slowest: number[] = [];
    for (let second = 0; second < 60; second++) {
      const outcomes = await Promise.all(Array.from({ length: 10 }, (_, index) => room.login(`user${index}`)));
      slowest.push(Math.max(...outcomes.map(({ tookMs }) => tookMs)));
      expect(outcomes.every(({ verdict }) => verdict.kind === 'accepted')).toBe(true);
      await room.clock.pass(1000);
    }
    expect(Math.max(...slowest)).toBe(0);
  });

  it('never slows those who are not asked there', async () => {
    const hole = {
      ...guarded(
        'hole',
        fakeStore(() => never()),
        { breaker: undefined },
      ),
      ...storeSeat(
        'hole',
        fakeStore(() => never()),
        {},
        { user: 'lost@example.org' },
      ),
    };
    const room = roomOf([hole, guarded('sql', fakeStore(accepted()))]);
    const lost = Array.from({ length: 50 }, () => room.login('lost'));
    await settled();
    expect(await room.login('anna')).toMatchObject({ verdict: { kind: 'accepted' }, tookMs: 0 });
    await room.clock.pass(5000);
    await Promise.all(lost);
  });
});
