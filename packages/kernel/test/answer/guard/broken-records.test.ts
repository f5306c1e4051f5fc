import { describe, expect, it } from '@jest/globals';
import { TroubleOfThisLogin, type Verdict } from '@postern/contract';
import { accepted, fakeStore, plain, rawAttempt } from '../fakes.js';
import { guarded, roomOf, type Room, unknown } from './room.js';

const unreadable: Verdict = { kind: 'deferred', cause: new TroubleOfThisLogin('the stored password: MD5 is not allowed (bindpw)') };

/** A store that says what stands here; whoever is not named, `rest`. */
const roomWith = (rest: Verdict, answers: Readonly<Record<string, Verdict>> = {}): Room =>
  roomOf([
    guarded(
      'sql',
      fakeStore(({ user }) => Promise.resolve(answers[user] ?? rest)),
    ),
  ]);

const logins = async (room: Room, count: number, users = count): Promise<void> => {
  for (let index = 0; index < count; index += 1) await room.login(`user${index % users}`);
};

describe('a store that answers and can judge nobody', () => {
  it('is asked all the same, and says so to the operator with the cause and without secrets', async () => {
    const room = roomWith(unreadable);
    await logins(room, 30);
    expect(room.guards.get('sql')?.status).toMatchObject({
      circuit: 'closed',
      note: expect.stringMatching(
        /^it can judge nobody, the last logins all ended so: .*the stored password: MD5 is not allowed \(\[secret\]\)$/,
      ),
    });
  });

  it.each([
    ['few logins', 10, 10],
    ['one user whose phone tries again and again', 60, 1],
  ])('is no news after %s', async (_, count, users) => {
    const room = roomWith(unreadable);
    await logins(room, count, users);
    expect(room.guards.get('sql')?.status.note).toBeUndefined();
  });

  it('is well again as soon as somebody’s password was compared, right or wrong', async () => {
    for (const answer of [accepted('well@example.org'), { kind: 'rejected' } as const]) {
      const room = roomWith(unreadable, { 'well@example.org': answer });
      await logins(room, 30);
      await room.login('well');
      expect(room.guards.get('sql')?.status.note).toBeUndefined();
    }
  });

  it('is not hidden by strangers who try users that are not there', async () => {
    const room = roomWith(unreadable, { 'nobody@example.org': unknown });
    for (let index = 0; index < 30; index += 1) {
      await room.login(`user${index}`);
      await room.login('nobody');
    }
    expect(room.guards.get('sql')?.status.note).toMatch(/judge nobody/);
  });

  it('tells no password that stands in the cause', async () => {
    const store = fakeStore(async ({ proof }) => ({
      kind: 'deferred',
      cause: new TroubleOfThisLogin(`cannot compare ${proof.mechanism === 'plain' ? proof.password : ''}`),
    }));
    const room = roomOf([guarded('sql', store)]);
    for (let index = 0; index < 30; index += 1)
      await room.pipeline.answer(rawAttempt({ rawUser: `user${index}`, proof: plain('canary-4711') }));
    expect(room.guards.get('sql')?.status.note).toMatch(/judge nobody/);
    expect(room.guards.get('sql')?.status.note).not.toContain('canary-4711');
  });
});
