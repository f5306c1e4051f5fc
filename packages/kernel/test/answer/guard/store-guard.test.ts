import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Outcome } from '../../../src/answer/outcome.js';
import { accepted, fakeStore, never, plain, rawAttempt } from '../fakes.js';
import { broken, guarded, roomOf, type Room, unknown } from './room.js';

describe('whatever a store does', () => {
  it('everybody is answered within the deadline and no place is lost', async () => {
    const act = fc.constantFrom('accept', 'unknown', 'fail', 'throw', 'hang', 'late') satisfies fc.Arbitrary<string>;
    const logins = fc.array(fc.record({ act, user: fc.integer({ min: 0, max: 4 }), pause: fc.integer({ min: 0, max: 900 }) }), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(logins, async (asked) => {
        const acts = asked.map(({ act: one }) => one);
        const store = fakeStore(async ({ user }) => {
          switch (acts.shift()) {
            case 'accept':
              return accepted(user);
            case 'fail':
              return broken;
            case 'throw':
              throw new Error('a bug');
            case 'hang':
              return never();
            case 'late':
              await new Promise<void>((resolve) => room.clock.after(8000, resolve));
              return accepted(user);
            default:
              return unknown;
          }
        });
        const room: Room = roomOf([guarded('ldap', store, { concurrency: 2, queue: 2 })]);
        const outcomes: Promise<Outcome>[] = [];
        for (const { user, pause } of asked) {
          outcomes.push(room.login(`user${user}`));
          await room.clock.pass(pause);
        }
        await room.clock.pass(20_000);
        for (const { tookMs, verdict } of await Promise.all(outcomes)) {
          expect(tookMs).toBeLessThanOrEqual(5000);
          expect(['accepted', 'unknown-user', 'deferred']).toContain(verdict.kind);
        }
        expect(room.guards.get('ldap')?.status).toMatchObject({ asking: 0, waiting: 0 });
        expect(room.clock.pending).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('no proof of a login stands in what is said of the store', async () => {
    const store = fakeStore(async ({ proof }) => ({
      kind: 'deferred',
      cause: new Error(`LDAP: cannot bind with ${proof.mechanism === 'plain' ? proof.password : ''}`),
    }));
    const room = roomOf([guarded('ldap', store)]);
    for (const user of ['a', 'b', 'c', 'd']) await room.pipeline.answer(rawAttempt({ rawUser: user, proof: plain('canary-4711') }));
    expect(JSON.stringify([room.log.lines, room.guards.get('ldap')?.status])).not.toContain('canary-4711');
  });
});
