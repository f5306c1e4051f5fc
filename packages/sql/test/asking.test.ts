import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CapturedLog, SteppableClock } from '@postern/testkit';
import type { Connection } from '../src/connection.js';
import { StatementFailed, TooLate, Unreachable } from '../src/failure.js';
import { unlessAborted } from '../src/patience.js';
import { Server } from '../src/server.js';
import { FakeConnection } from './support/fake-connection.js';
import { never } from './support/open.js';

/** A question, the connection it is on, and how it is answered. */
interface Question {
  readonly on: Connection;
  readonly answer: (text: string) => void;
  readonly fail: (cause: Error) => void;
}

const dead = (): Unreachable => new Unreachable('the connection ended', true);

describe('a question to a database server', () => {
  let made: FakeConnection[];
  let questions: Question[];
  let connecting: (() => Promise<void>)[];
  let clock: SteppableClock;
  let server: Server;

  beforeEach(() => {
    [made, questions, connecting] = [[], [], []];
    clock = new SteppableClock();
    server = new Server({
      name: 'db.example:5432',
      connect: async (signal) => {
        await unlessAborted(connecting.shift()?.() ?? Promise.resolve(), signal);
        made.push(new FakeConnection());
        return made.at(-1)!;
      },
      pool: { max: 4, together: 3, waiting: Infinity, idleMs: 60_000, ageMs: 600_000 },
      timeoutMs: 1000,
      connectTimeoutMs: 1000,
      clock,
      log: new CapturedLog(),
    });
  });

  afterEach(async () => {
    await server.close();
    expect([server.connections, clock.pending]).toEqual([0, 0]);
    expect(made.every(({ broken }) => broken)).toBe(true);
  });

  const ask = (reads = true, signal = never): Promise<string> => {
    const asked = server.run((on) => new Promise<string>((answer, fail) => questions.push({ on, answer, fail })), signal, reads);
    asked.catch(() => undefined);
    return asked;
  };

  /** The questions that are asked by now, and are not looked at again. */
  const asked = async (): Promise<readonly Question[]> => {
    for (let turn = 0; turn < 3; turn += 1) await setImmediate();
    return questions.splice(0);
  };

  const die = ({ on, fail }: Question): void => {
    on.destroy();
    fail(dead());
  };

  /** So many connections lie idle. */
  const warm = async (count: number): Promise<void> => {
    const warming = Array.from({ length: count }, () => ask(false));
    for (const { answer } of await asked()) answer('warm');
    await Promise.all(warming);
    expect(made).toHaveLength(count);
  };

  it('goes out together with others of its turn that read, and alone when it changes something', async () => {
    await warm(3);
    const all = [ask(), ask(), ask(false)];
    const [first, second, third] = await asked();
    expect(second!.on).toBe(first!.on);
    expect(third!.on).not.toBe(first!.on);
    for (const { answer } of [first!, second!, third!]) answer('it');
    expect(await Promise.all(all)).toEqual(['it', 'it', 'it']);
  });

  it('is asked once more when its connection was dead, and whatever else was open by then is used no more', async () => {
    await warm(3);
    const [change, dying] = [ask(false), ask()];
    const [busy, first] = await asked();
    die(first!);
    const [second] = await asked();
    const open = (): readonly Connection[] => made.filter(({ broken }) => !broken);
    expect(open()).toEqual([busy!.on, second!.on]);
    second!.answer('at last');
    busy!.answer('changed');
    expect(await Promise.all([change, dying])).toEqual(['changed', 'at last']);
    expect(open()).toEqual([second!.on]);
    expect(server.trouble).toBeUndefined();
  });

  it('is asked once more on a connection that was opened since, and waits for none that was being opened when the first died', async () => {
    await warm(1);
    let connect: () => void = () => undefined;
    connecting = [() => new Promise((resolve) => (connect = resolve))];
    const abort = new AbortController();
    const all = [ask(), ask(false, abort.signal)];
    abort.abort();
    const [first] = await asked();
    const before = [...made];
    die(first!);
    const [second] = await asked();
    connect();
    await asked();
    expect(before).not.toContain(second!.on);
    second!.answer('it');
    expect(await all[0]).toBe('it');
    // The late one is closed.
    expect(made.filter(({ broken }) => !broken)).toEqual([second!.on]);
  });

  it('is one of several that tell of one death: what was opened for the first is not closed for the last', async () => {
    await warm(1);
    const all = [ask(), ask()];
    const [first, second] = await asked();
    die(first!);
    const [again] = await asked();
    again!.answer('first');
    await all[0];
    second!.fail(dead());
    const [last] = await asked();
    expect(last!.on).toBe(again!.on);
    last!.answer('second');
    expect(await all[1]).toBe('second');
    expect(made.map(({ broken }) => broken)).toEqual([true, false]);
  });

  it('gets its answer though a companion ends every connection that it is asked on', async () => {
    await warm(2);
    const all = [ask(), ask(), ask()];
    const first = await asked();
    expect(new Set(first.map(({ on }) => on)).size).toBe(1);
    first.forEach(die);
    const again = await asked();
    expect(new Set(again.map(({ on }) => on)).size).toBe(3);
    die(again[1]!);
    again[0]!.answer('one');
    again[2]!.answer('three');
    expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('that shared a new connection is asked once more, since a companion may have ended it', async () => {
    const all = [ask(), ask()];
    const first = await asked();
    expect(first[0]!.on).toBe(first[1]!.on);
    first.forEach(die);
    for (const { answer } of await asked()) answer('it');
    expect(await Promise.all(all)).toEqual(['it', 'it']);
  });

  it('is not asked again when its connection was new and its own', async () => {
    const fresh = ask();
    die((await asked())[0]!);
    await expect(fresh).rejects.toThrow('ended');
    expect(await asked()).toEqual([]);
  });

  it('is not asked again when it changes something, nor when the database answered', async () => {
    await warm(2);
    const all = [ask(false), ask()];
    const [change, wrong] = await asked();
    wrong!.fail(new StatementFailed('no such table', '42P01'));
    die(change!);
    await expect(all[0]).rejects.toThrow('ended');
    await expect(all[1]).rejects.toThrow('no such table');
    expect(await asked()).toEqual([]);
  });

  it('that is given up leaves its companions their answers, and the connection to nobody', async () => {
    await warm(1);
    const abort = new AbortController();
    const [given, companion] = [ask(true, abort.signal), ask()];
    const [, other] = await asked();
    abort.abort();
    await expect(given).rejects.toThrow('given up');
    expect(made[0]!.broken).toBe(false);
    other!.answer('it');
    expect(await companion).toBe('it');
    expect(made[0]!.broken).toBe(true);
  });

  it('that waits for a connection is given up in time, and what is being opened for it serves another', async () => {
    let connect: () => void = () => undefined;
    connecting = [() => new Promise((resolve) => (connect = resolve))];
    const abort = new AbortController();
    const given = ask(true, abort.signal);
    await asked();
    abort.abort();
    await expect(given).rejects.toThrow('given up');
    const next = ask();
    // The look at how the server is has a connection of its own.
    const before = made.length;
    connect();
    (await asked())[0]!.answer('it');
    expect(await next).toBe('it');
    expect(made).toHaveLength(before + 1);
  });

  it('comes to an end when the connection for it takes too long', async () => {
    connecting = Array.from({ length: 4 }, () => () => new Promise<void>(() => undefined));
    const waiting = ask();
    await clock.step(1000);
    await expect(waiting).rejects.toBeInstanceOf(TooLate);
  });

  it('that waits hears at once that the database is stopped, and may ask again when it is started', async () => {
    connecting = [() => new Promise<void>(() => undefined)];
    const waiting = ask();
    await asked();
    await server.close();
    await expect(waiting).rejects.toThrow('stopped');
    await expect(ask()).rejects.toThrow('stopped');
    await server.open(never);
    const again = ask();
    (await asked())[0]!.answer('it');
    expect(await again).toBe('it');
  });
});
