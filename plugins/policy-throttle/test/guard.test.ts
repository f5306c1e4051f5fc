import { describe, expect, it } from '@jest/globals';
import { fakeServices } from '@postern/testkit';
import type { Ask, Verdict } from '@postern/contract';
import fc from 'fast-check';
import { Directory } from './support/directory.js';
import { guess, type Room, room, times } from './support/room.js';

const minute = 60_000;
/** So wide that the guard alone is at work. */
const wide = { user: { tries: 1000 }, network: { tries: 1000 } };
const guard = { tries: 4, per: '30m' };

const opened = async (input: object = {}): Promise<Room & { readonly directory: Directory }> => {
  const services = fakeServices();
  const directory = new Directory({ clock: services.clock, threshold: 5, observation: 30 * minute });
  const throttle = await room({ ...wide, guard, ...input }, { services, next: directory.ask });
  return { ...throttle, directory };
};

describe('the directory guard', () => {
  it('lets fewer wrong passwords through than lock the account, and the rest hears to come later', async () => {
    const throttle = await opened();
    expect(await guess(throttle, 20)).toEqual([...times(3, 'rejected'), ...times(17, 'limited')]);
    expect(throttle.directory.locked).toBe(false);
    expect(throttle.services.metrics.value('throttle_limited_total', { by: 'guard' })).toBe(17);
    expect(throttle.services.log.lines.map(({ message }) => message)).toEqual([
      'wrong passwords are kept away from the stores, so that no account is locked',
    ]);
  });

  it('keeps room for the networks where the user logged in lately', async () => {
    const throttle = await opened();
    const phone = { client: { ip: '198.51.100.7' } };
    expect(await throttle.login(phone)).toBe('accepted');
    await guess(throttle, 20);
    expect(await throttle.login(phone)).toBe('accepted');
    // A new password is let through there, too: and a wrong one is the last one.
    expect([await throttle.login({ ...phone, password: 'mistyped' }), await throttle.login(phone)]).toEqual(['rejected', 'limited']);
    expect(throttle.directory.locked).toBe(false);
  });

  it('knows a repeated wrong password without asking again', async () => {
    const throttle = await opened();
    for (let time = 0; time < 20; time += 1) expect(await throttle.login({ password: 'old' })).toBe('rejected');
    expect(throttle.directory.passwords).toEqual(['old']);
    expect(await throttle.login()).toBe('accepted');
  });

  it('takes no password for wrong that was refused while a store could not tell', async () => {
    const away: Verdict = { kind: 'refused', why: 'disabled', proofHeld: false, afterOutage: true };
    let said: Verdict = away;
    const throttle = await room({ ...wide, guard }, { next: () => Promise.resolve(said) });
    expect(await throttle.login()).toBe('refused');
    said = { kind: 'accepted', account: { user: 'ann@example.org', attributes: {} } };
    expect(await throttle.login()).toBe('accepted');
  });

  it('counts one wrong password that comes four times at once as what it is to the directory', async () => {
    const throttle = await opened();
    const kinds = await Promise.all(Array.from({ length: 30 }, () => throttle.login({ password: 'old' })));
    expect(kinds).toEqual(times(30, 'rejected'));
    expect(throttle.directory.passwords.length).toBeLessThanOrEqual(3);
  });

  it('lets a password that was wrong through once somebody told of a change', async () => {
    for (const change of [{ user: 'ann@example.org' }, { domain: 'example.org' }, { all: true }] as const) {
      const throttle = await opened();
      expect(await throttle.login({ password: 'new' })).toBe('rejected');
      throttle.directory.password = 'new';
      expect(await throttle.login({ password: 'new' })).toBe('rejected');
      throttle.services.changes.announce(change);
      expect(await throttle.login({ password: 'new' })).toBe('accepted');
      await throttle.stop();
    }
  });

  it('stays out of the way of a password whose answers are lost in an outage', async () => {
    const throttle = await opened();
    throttle.directory.down = true;
    for (let time = 0; time < 10; time += 1) expect(await throttle.login()).toBe('deferred');
    throttle.directory.down = false;
    expect(await throttle.login()).toBe('accepted');
    expect(await guess(throttle, 4)).toEqual([...times(4, 'rejected')]);
  });

  it('does not take a password for wrong because the account was locked or disabled when it came', async () => {
    for (const why of ['locked', 'disabled', 'policy'] as const) {
      let shut = true;
      const next: Ask = ({ user }) =>
        Promise.resolve(shut ? { kind: 'refused', why, proofHeld: false } : { kind: 'accepted', account: { user, attributes: {} } });
      const throttle = await room({ ...wide, guard }, { next });
      for (let time = 0; time < 10; time += 1) expect(await throttle.login()).toBe('refused');
      expect(await guess(throttle, 4)).toEqual([...times(2, 'refused'), ...times(2, 'limited')]);
      shut = false;
      expect(await throttle.login()).toBe('accepted');
    }
  });

  it('takes a password without an answer for one that may have been counted', async () => {
    const throttle = await opened();
    throttle.directory.down = true;
    expect(await guess(throttle, 6)).toEqual([...times(3, 'deferred'), ...times(3, 'limited')]);
  });

  it('holds for trusted networks as well', async () => {
    const throttle = await opened({ trusted: ['192.0.2.0/24'] });
    await guess(throttle, 20);
    expect(throttle.directory.locked).toBe(false);
  });

  it('keeps nothing away in log-only mode, and says that it would', async () => {
    const throttle = await opened({ mode: 'log' });
    expect(await guess(throttle, 6)).toEqual(times(6, 'rejected'));
    expect(throttle.services.metrics.value('throttle_would_limit_total', { by: 'guard' })).toBe(3);
  });

  it('is seen in a rehearsal', async () => {
    const throttle = await opened();
    await guess(throttle, 3);
    const before = throttle.directory.passwords.length;
    expect(await throttle.rehearse()).toBe('limited');
    expect(throttle.directory.passwords).toHaveLength(before);
  });

  it('never lets an account be locked, whoever tries what when from where', async () => {
    const login = fc.record({
      password: fc.integer({ min: 0, max: 12 }).map((number) => (number === 0 ? 'right' : `wrong-${number}`)),
      network: fc.nat(3),
      process: fc.nat(1),
      pass: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 29 * minute })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(login, { minLength: 1, maxLength: 6 }), { minLength: 5, maxLength: 25 }), async (rounds) => {
        const services = fakeServices();
        const directory = new Directory({ clock: services.clock, threshold: 5, observation: 30 * minute });
        const processes: Room[] = [];
        for (let count = 0; count < 2; count += 1) processes.push(await room({ ...wide, guard }, { services, next: directory.ask }));
        for (const round of rounds) {
          // Those of one round come at once.
          const answers = Promise.all(
            round.map(({ password, network, process }) =>
              (processes[process] as Room).login({ password, client: { ip: `192.0.2.${network}` } }),
            ),
          );
          for (let time = 0; time < 24; time += 1) await services.clock.step(50);
          await answers;
          await services.clock.step(round[0]?.pass ?? 0);
          expect(directory.locked).toBe(false);
        }
        for (const { stop } of processes) await stop();
      }),
      { numRuns: 25 },
    );
  });
});
