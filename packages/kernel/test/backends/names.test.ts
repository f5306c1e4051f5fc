import { describe, expect, it } from '@jest/globals';
import { Names } from '../../src/backends/names.js';
import type { Resolver } from '../../src/backends/resolver.js';
import { ManualClock, MemoryLog, never, settled } from '../answer/fakes.js';

type Answer = readonly string[] | Error | 'hang';

class FakeResolver implements Resolver {
  readonly asked: string[] = [];
  answer: Answer;

  constructor(answer: Answer) {
    this.answer = answer;
  }

  async lookup(host: string): Promise<readonly string[]> {
    this.asked.push(host);
    if (this.answer === 'hang') return never();
    if (this.answer instanceof Error) throw this.answer;
    return this.answer;
  }
}

const bench = (answer: Answer, maxNames = 100) => {
  const clock = new ManualClock();
  const log = new MemoryLog();
  const resolver = new FakeResolver(answer);
  const names = new Names({ resolver, clock, log, rules: { ttl: 30_000, retry: 2000, timeout: 3000, maxNames } });
  return { clock, log, resolver, names };
};

const known = (...addresses: string[]) => ({ kind: 'known', addresses });

describe('the addresses of a name', () => {
  it('are asked for once and then known until they are too old', async () => {
    const { names, resolver, clock } = bench(['192.0.2.1', '2001:db8::1']);
    expect(await names.resolve('mail.test')).toEqual(known('192.0.2.1', '2001:db8::1'));
    await clock.pass(29_999);
    expect(await names.resolve('mail.test')).toEqual(known('192.0.2.1', '2001:db8::1'));
    expect(resolver.asked).toEqual(['mail.test']);
    await clock.pass(1);
    await names.resolve('mail.test');
    expect(resolver.asked).toHaveLength(2);
  });

  it('are refreshed behind the back of those who ask: nobody waits for what is known', async () => {
    const { names, resolver, clock } = bench(['192.0.2.1']);
    await names.resolve('mail.test');
    await clock.pass(30_000);
    resolver.answer = ['192.0.2.2'];
    expect(names.resolve('mail.test')).toEqual(known('192.0.2.1'));
    await settled();
    expect(names.resolve('mail.test')).toEqual(known('192.0.2.2'));
  });

  it('are one question for all who wait', async () => {
    const { names, resolver } = bench(['192.0.2.1']);
    const all = await Promise.all(Array.from({ length: 50 }, async () => names.resolve('mail.test')));
    expect(all.every(({ kind }) => kind === 'known')).toBe(true);
    expect(resolver.asked).toHaveLength(1);
  });

  it('rule 57: stay the last good ones for as long as the name server fails or hangs, and the log says so once', async () => {
    const { names, resolver, clock, log } = bench(['192.0.2.1']);
    await names.resolve('mail.test');
    for (const answer of [new Error('SERVFAIL'), 'hang', [] as string[], ['0.0.0.0']] as const) {
      resolver.answer = answer;
      await clock.pass(40_000);
      expect(await names.resolve('mail.test')).toEqual(known('192.0.2.1'));
      await clock.pass(3000);
    }
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    resolver.answer = ['192.0.2.9'];
    await names.resolve('mail.test');
    await settled();
    expect(await names.resolve('mail.test')).toEqual(known('192.0.2.9'));
    expect(log.lines.filter(({ level }) => level === 'info')).toHaveLength(1);
  });

  it('rule 57: of a name that never resolved are unknown, in bounded time, and the server is not hammered', async () => {
    const { names, resolver, clock } = bench('hang');
    const asking = names.resolve('mail.test');
    await clock.pass(3000);
    expect(await asking).toMatchObject({ kind: 'unknown' });
    for (let index = 0; index < 20; index++) expect(await names.resolve('mail.test')).toMatchObject({ kind: 'unknown' });
    expect(resolver.asked).toHaveLength(1);
    resolver.answer = ['192.0.2.1'];
    await clock.pass(2000);
    expect(await names.resolve('mail.test')).toEqual(known('192.0.2.1'));
  });

  it('rule 46: are only such as nginx can be told', async () => {
    const { names } = bench(['0.0.0.0', '::', 'ff02::1', 'fe80::1%eth0', 'nonsense', '::ffff:192.0.2.5', '192.0.2.5', '2001:DB8::1']);
    expect(await names.resolve('mail.test')).toEqual(known('192.0.2.5', '2001:db8::1'));
    expect(await bench(['0.0.0.0']).names.resolve('mail.test')).toMatchObject({ kind: 'unknown' });
  });

  it('rule 46: of a literal are itself; what getaddrinfo would read as a number is never asked for', async () => {
    const { names, resolver } = bench(['192.0.2.1']);
    expect(names.resolve('192.0.2.7')).toEqual(known('192.0.2.7'));
    expect(names.resolve('::1')).toEqual(known('::1'));
    for (const host of ['0', '127.1', '0x7f.1', '0x7f000001', '2130706433', '0.0.0.0', '::', 'fe80::1%lo', '255.255.255.255', '1.2.3.4.']) {
      expect(await names.resolve(host)).toMatchObject({ kind: 'unknown' });
    }
    expect(resolver.asked).toEqual([]);
  });

  it('keep their first address while it is there: a name server that turns its answers moves nobody', async () => {
    const { names, resolver, clock } = bench(['192.0.2.1', '192.0.2.2']);
    await names.resolve('mail.test');
    resolver.answer = ['192.0.2.2', '192.0.2.1'];
    await clock.pass(30_000);
    await names.resolve('mail.test');
    await settled();
    expect(await names.resolve('mail.test')).toEqual(known('192.0.2.1', '192.0.2.2'));
  });

  it('are kept for a bounded number of names, the last used ones', async () => {
    const { names, resolver } = bench(['192.0.2.1'], 3);
    for (const host of ['a.test', 'b.test', 'c.test', 'a.test', 'd.test', 'a.test', 'b.test']) await names.resolve(host);
    expect(resolver.asked).toEqual(['a.test', 'b.test', 'c.test', 'd.test', 'b.test']);
  });

  it('survive a resolver that throws at once or answers nonsense', async () => {
    const clock = new ManualClock();
    const resolvers: Resolver[] = [
      {
        lookup: () => {
          throw new Error('boom');
        },
      },
      { lookup: async () => undefined as unknown as string[] },
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- libraries do such things
      { lookup: () => Promise.reject('boom') },
    ];
    for (const resolver of resolvers) {
      expect(await new Names({ resolver, clock, log: new MemoryLog() }).resolve('mail.test')).toMatchObject({ kind: 'unknown' });
    }
    expect(clock.pending).toBe(0);
  });
});
