import { describe, expect, it } from '@jest/globals';
import type { Ask } from '@postern/contract';
import { MemoryState } from '@postern/kernel';
import { throttlePlugin } from '@postern/policy-throttle';
import { attempt, fakeServices, parseConfig } from '@postern/testkit';

const { signal } = new AbortController();
const rejecting: Ask = () => Promise.resolve({ kind: 'rejected' });

const opened = async (maxSets: number): Promise<{ ask: Ask; shared: MemoryState; services: ReturnType<typeof fakeServices> }> => {
  const services = fakeServices();
  const shared = new MemoryState({ clock: services.clock, log: services.log, maxEntries: 1000, maxSets });
  const policy = throttlePlugin.create(parseConfig(throttlePlugin, {}), Object.assign(services, { shared }));
  await policy.start?.(signal);
  return { ask: policy.around(rejecting), shared, services };
};

const guessAt = (ask: Ask, password: string): Promise<string> =>
  ask(attempt({ password, client: { ip: '203.0.113.5' } }), signal).then(({ kind }) => kind);

/** Users and addresses that nobody has seen before. */
const spray = async (ask: Ask, count: number, from = 0): Promise<void> => {
  const template = attempt({ password: 'x' });
  for (let index = from; index < from + count; index += 1) {
    const ip = `2001:db8:${(index >> 16).toString(16)}:${(index & 0xffff).toString(16)}::1`;
    await ask({ ...template, user: `user-${index}@example.org`, client: { ip } }, signal);
  }
};

describe('the throttle’s memory', () => {
  it('rule 64: stays within its bounds under a spray of random users and addresses', async () => {
    const { ask, shared } = await opened(3000);
    let largest = 0;
    for (let round = 0; round < 20; round += 1) {
      await spray(ask, 1000, round * 1000);
      largest = Math.max(largest, shared.size);
    }
    expect(largest).toBeLessThanOrEqual(4000);
    expect(largest).toBeGreaterThan(2500);
  });

  it('keeps a ban and a counter that stands high through it', async () => {
    const { ask } = await opened(3000);
    for (let index = 0; index < 9; index += 1) expect(await guessAt(ask, `wrong-${index}`)).toBe('rejected');
    await spray(ask, 5000);
    expect(await guessAt(ask, 'the tenth')).toBe('rejected');
    await spray(ask, 5000, 5000);
    expect(await guessAt(ask, 'the eleventh')).toBe('limited');
  });

  it('lets go of it all when its time is over', async () => {
    const { ask, shared, services } = await opened(100_000);
    await spray(ask, 2000);
    expect(shared.size).toBeGreaterThan(5900);
    await services.clock.step(20 * 60_000);
    await spray(ask, 2000, 2000);
    expect(shared.size).toBeLessThan(8000);
  });
});
