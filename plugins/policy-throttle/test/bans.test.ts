import { describe, expect, it } from '@jest/globals';
import { fakeServices } from '@postern/testkit';
import { from, guess, room, times } from './support/room.js';

const minute = 60_000;

describe('a ban', () => {
  it('lasts longer each time, up to the longest, and is a short one again after so much quiet', async () => {
    const config = { user: { tries: 2, per: '1m' }, penalty: { first: '2m', factor: 3, most: '10m' }, network: { tries: 1000 } };
    const throttle = await room(config);
    const lengths: number[] = [];
    const trip = async (): Promise<void> => {
      await guess(throttle, 2, (index) => ({ password: `wrong-${throttle.asked.length}-${index}` }));
      const verdict = await throttle.ask();
      lengths.push(verdict.kind === 'limited' ? (verdict.retryAfterMs ?? 0) / minute : 0);
    };
    for (let time = 0; time < 4; time += 1) {
      await trip();
      await throttle.services.clock.step(10 * minute);
    }
    await throttle.services.clock.step(60 * minute);
    await trip();
    expect(lengths).toEqual([2, 6, 10, 10, 2]);
  });

  it('is never shorter than the time in which tries are counted', async () => {
    const throttle = await room({ user: { tries: 2, per: '1h' }, penalty: { first: '1m', most: '1m' } });
    await guess(throttle, 2);
    expect(await throttle.ask()).toEqual({ kind: 'limited', retryAfterMs: 60 * minute });
    await throttle.services.clock.step(60 * minute);
    expect(await throttle.login()).toBe('accepted');
  });

  it('is told once in the log, whom and for how long, and counted', async () => {
    const throttle = await room({ user: { tries: 9 }, pair: { tries: 2 } });
    await guess(throttle, 20);
    const [line, ...others] = throttle.services.log.lines.filter(({ level }) => level === 'warn');
    expect(others).toEqual([]);
    expect(line?.message).toBe('too many different wrong passwords: kept out');
    expect(line?.fields).toMatchObject({
      kind: 'user-in-network',
      user: 'ann@example.org',
      network: '192.0.2.7/32',
      tries: 2,
      forMs: 15 * minute,
    });
    const { metrics } = throttle.services;
    expect(metrics.value('throttle_bans_total', { kind: 'user-in-network' })).toBe(1);
    expect(metrics.value('throttle_limited_total', { by: 'user-in-network' })).toBe(18);
    expect(metrics.value('throttle_bans')).toBe(1);
    await throttle.services.clock.step(20 * minute);
    expect(metrics.value('throttle_bans')).toBe(0);
  });

  it('of one clock that jumps is still one', async () => {
    const throttle = await room({ user: { tries: 2 } });
    await guess(throttle, 2);
    throttle.services.clock.jump(-3_600_000);
    expect(await throttle.login()).toBe('limited');
  });
});

describe('the operator', () => {
  it('lists bans, the youngest first, and not more than asked for', async () => {
    const throttle = await room({ user: { tries: 2 }, network: { tries: 3, v4: 24 } });
    await guess(throttle, 2);
    await throttle.services.clock.step(1000);
    await guess(throttle, 1, () => from('192.0.2.99', 'x', 'bea@example.org'));
    const bans = await throttle.bans.list(10);
    const [youngest, ...others] = bans.map(({ kind, user, network, tries }) => ({ kind, user, network, tries }));
    expect(youngest).toEqual({ kind: 'network', user: undefined, network: '192.0.2.0/24', tries: 3 });
    expect(others).toHaveLength(2);
    expect(others).toContainEqual({ kind: 'user-in-network', user: 'ann@example.org', network: '192.0.2.0/24', tries: 2 });
    expect(others).toContainEqual({ kind: 'user', user: 'ann@example.org', network: undefined, tries: 2 });
    for (const { id, since, until, enforced } of bans) {
      expect(id).toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]{0,40}$/);
      expect([until - since, enforced]).toEqual([15 * minute, true]);
    }
    expect(await throttle.bans.list(1)).toEqual(bans.slice(0, 1));
    await throttle.services.clock.step(16 * minute);
    expect(await throttle.bans.list(10)).toEqual([]);
  });

  it('lifts a ban and with it the tries behind it', async () => {
    const throttle = await room({ user: { tries: 100 }, pair: { tries: 3 } });
    await guess(throttle, 4);
    const [ban] = await throttle.bans.list(10);
    expect(await throttle.bans.lift(ban?.id ?? '')).toBe(true);
    expect(await throttle.bans.lift(ban?.id ?? '')).toBe(false);
    expect(await throttle.bans.lift('nothing')).toBe(false);
    expect(await throttle.bans.list(10)).toEqual([]);
    expect(await guess(throttle, 4)).toEqual([...times(3, 'rejected'), 'limited']);
    expect((await throttle.bans.list(10)).map(({ until, since }) => until - since)).toEqual([15 * minute]);
  });

  it('sees in a rehearsal who is kept out, and it changes nothing', async () => {
    const throttle = await room({ user: { tries: 2 } });
    for (let time = 0; time < 20; time += 1) expect(await throttle.rehearse({ password: `x${time}` })).toBe('rejected');
    expect(throttle.services.shared.keys.filter((key) => key !== 'secret')).toEqual(
      expect.not.arrayContaining([expect.stringMatching(/^[spbg]:/)]),
    );
    await guess(throttle, 2);
    expect([await throttle.rehearse(), await throttle.rehearse(from('198.51.100.1', 'right'))]).toEqual(['limited', 'limited']);
    expect(await throttle.rehearse(from('198.51.100.1', 'right', 'bea@example.org'))).toBe('accepted');
    expect(throttle.services.metrics.value('throttle_limited_total', { by: 'user' })).toBe(0);
  });
});

describe('processes of one deployment', () => {
  it('count together, whichever is asked', async () => {
    const services = fakeServices();
    const [one, other] = [await room({ user: { tries: 6 } }, { services }), await room({ user: { tries: 6 } }, { services })];
    await one.login({ password: 'same' });
    await other.login({ password: 'same' });
    const kinds: string[] = [];
    for (let index = 0; index < 4; index += 1) {
      kinds.push(await one.login({ password: `one-${index}` }), await other.login({ password: `other-${index}` }));
    }
    expect(kinds).toEqual([...times(5, 'rejected'), ...times(3, 'limited')]);
  });

  it('know and lift each other’s bans', async () => {
    const services = fakeServices();
    const [one, other] = [await room({ user: { tries: 2 } }, { services }), await room({ user: { tries: 2 } }, { services })];
    await guess(one, 2);
    expect(await other.login()).toBe('limited');
    expect(await other.bans.list(10)).toEqual(await one.bans.list(10));
    for (const { id } of await other.bans.list(10)) await other.bans.lift(id);
    expect(await one.login()).toBe('accepted');
  });

  it('that heard nothing of a lift believe the shared state', async () => {
    const services = fakeServices();
    const one = await room({ user: { tries: 2 } }, { services });
    const other = await room({ user: { tries: 2 } }, { services });
    await guess(one, 2);
    // It knows no more than what it found for itself from now on.
    await one.stop();
    for (const { id } of await other.bans.list(10)) await other.bans.lift(id);
    expect(await one.login()).toBe('accepted');
  });

  it('keep their bans when the shared state loses everything', async () => {
    const throttle = await room({ user: { tries: 2 } });
    await guess(throttle, 2);
    for (const key of throttle.services.shared.keys) await throttle.services.shared.delete(key);
    expect(await throttle.login()).toBe('limited');
    expect(await throttle.bans.list(10)).toHaveLength(2);
  });

  it('agree on one key for their digests, even when they start at once', async () => {
    const services = fakeServices();
    const started = Promise.all([1, 2, 3].map(() => room({ user: { tries: 2 } }, { services })));
    await services.clock.step(200);
    const processes = await started;
    for (let time = 0; time < 3; time += 1) for (const { login } of processes) expect(await login({ password: 'same' })).toBe('rejected');
  });

  it('find to one key again after the shared place was emptied', async () => {
    const services = fakeServices();
    const one = await room({ user: { tries: 2 } }, { services });
    await services.shared.delete('secret');
    await services.clock.step(5000);
    const other = await room({ user: { tries: 2 } }, { services });
    await services.clock.step(61_000);
    for (const { login } of [one, other]) expect(await login({ password: 'same' })).toBe('rejected');
    expect(await one.login()).toBe('accepted');
  });

  it('of another version may have left anything there', async () => {
    const throttle = await room({ user: { tries: 2 } });
    await throttle.login();
    await guess(throttle, 2);
    const { shared } = throttle.services;
    for (const key of shared.keys.filter((name) => /^[bgl]:/.test(name))) await shared.set(key, '{"no', 1000);
    await shared.publish('bans', 'nonsense');
    expect(await throttle.login()).toBe('limited');
  });
});
