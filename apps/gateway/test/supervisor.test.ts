import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryState, FallbackState } from '@postern/kernel';
import { CapturedLog, SteppableClock } from '@postern/testkit';
import { endOf } from '../src/workers/channels.js';
import { HostPlace } from '../src/workers/host-place.js';
import { Line, type Channel, type Packet } from '../src/workers/line.js';
import type { WorkerEnd, WorkerProcess } from '../src/workers/seat.js';
import { Supervisor } from '../src/workers/supervisor.js';

/** Two ends of a channel without processes; what is sent crosses as JSON. */
const channels = (): { readonly ends: readonly [Channel, Channel]; readonly cut: () => void } => {
  const takers: ((packet: unknown) => void)[] = [];
  let open = true;
  const end = (mine: number, other: number): Channel => ({
    send: (packet: Packet) => {
      const text = JSON.stringify(packet);
      if (open) queueMicrotask(() => takers[other]?.(JSON.parse(text)));
      return open;
    },
    onPacket: (take) => void (takers[mine] = take),
  });
  return { ends: [end(0, 1), end(1, 0)], cut: () => void (open = false) };
};

/** A worker that is no process. */
class FakeWorker {
  readonly line: Line;
  readonly process: WorkerProcess;
  readonly end: (end: WorkerEnd) => void;

  constructor(clock: SteppableClock, pid: number) {
    const { ends, cut } = channels();
    let settle: (end: WorkerEnd) => void = () => undefined;
    const ended = new Promise<WorkerEnd>((resolve) => (settle = resolve));
    this.end = (end) => {
      cut();
      settle(end);
    };
    this.line = new Line(ends[1], clock);
    this.process = { pid, line: new Line(ends[0], clock), ended, kill: () => this.end({ code: null, signal: 'SIGKILL' }) };
    this.line.handle({ stop: () => this.end({ code: 0, signal: null }) });
  }
}

const died: WorkerEnd = { code: null, signal: 'SIGKILL' };
const settled = async (): Promise<void> => {
  for (let count = 0; count < 20; count++) await Promise.resolve();
};

describe('the supervisor of workers', () => {
  let clock: SteppableClock;
  let log: CapturedLog;
  let spawned: FakeWorker[];
  let supervisor: Supervisor;
  /** What becomes of the next worker. */
  let next: 'ready' | 'dies' | 'takes its time' | 'cannot be made';

  beforeEach(() => {
    clock = new SteppableClock();
    log = new CapturedLog();
    spawned = [];
    next = 'ready';
    supervisor = new Supervisor({
      count: 2,
      clock,
      log,
      state: new MemoryState({ clock, log }),
      drainMs: () => 1000,
      spawn: () => {
        if (next === 'cannot be made') throw new Error('spawn ENOMEM');
        const worker = new FakeWorker(clock, 100 + spawned.length);
        spawned.push(worker);
        if (next === 'ready') queueMicrotask(() => void worker.line.tell('ready', 'nginx on somewhere'));
        else if (next === 'dies') queueMicrotask(() => worker.end({ code: 2, signal: null }));
        return worker.process;
      },
    });
  });

  const worker = (index: number): FakeWorker => {
    const found = spawned[index];
    if (found === undefined) throw new Error(`worker ${index} was not started`);
    return found;
  };

  it('starts no second worker when the first cannot start', async () => {
    next = 'dies';
    expect(await supervisor.start({ text: 'a' })).toEqual({ kind: 'failed', end: { code: 2, signal: null } });
    expect(spawned).toHaveLength(1);
  });

  it('replaces a worker that dies, with growing pauses when it dies again and again', async () => {
    expect(await supervisor.start({ text: 'a' })).toEqual({ kind: 'ready', doors: 'nginx on somewhere' });
    next = 'dies';
    worker(0).end(died);
    await settled();
    const pauses: number[] = [];
    for (let round = 0; round < 12; round++) {
      const before = spawned.length;
      let waited = 0;
      while (spawned.length === before && waited < 60_000) {
        await clock.step(100);
        await settled();
        waited += 100;
      }
      pauses.push(waited);
    }
    expect(pauses.slice(0, 5)).toEqual([100, 200, 400, 800, 1600]);
    expect(Math.max(...pauses)).toBe(30_000);
    expect(supervisor.ready).toBe(1);
  });

  it('keeps the old config everywhere when the first worker keeps it, and replaces one that keeps it after another took the new one', async () => {
    await supervisor.start({ text: 'a' });
    const asked: number[] = [];
    let answers = ['kept', 'kept'];
    spawned.forEach(({ line }, index) => line.handle({ reload: () => (asked.push(index), answers[index]) }));
    expect(await supervisor.reload({ text: 'b' })).toBe('kept');
    expect(asked).toEqual([0]);
    answers = ['reloaded', 'kept'];
    expect(await supervisor.reload({ text: 'b' })).toBe('reloaded');
    await settled();
    await clock.step(100);
    await settled();
    expect([spawned.length, supervisor.ready]).toEqual([3, 2]);
  });

  const handedTo = (index: number): Promise<unknown> => worker(index).line.ask('config', null, 1000);

  const replaced = async (index: number): Promise<FakeWorker> => {
    const before = spawned.length;
    worker(index).end(died);
    await stepUntil(() => spawned.length > before);
    return worker(before);
  };

  it('hands every worker the config that was taken last: at its start, and to one that takes the place of another', async () => {
    await supervisor.start({ text: 'a' });
    expect([await handedTo(0), await handedTo(1)]).toEqual(['a', 'a']);
    const taken: unknown[] = [];
    let answer = 'kept';
    spawned.forEach(({ line }) => line.handle({ reload: (text) => (taken.push(text), answer) }));
    expect(await supervisor.reload({ text: 'b' })).toBe('kept');
    await replaced(1);
    expect(await handedTo(2)).toBe('a');
    answer = 'reloaded';
    worker(2).line.handle({ reload: (text) => (taken.push(text), answer) });
    expect(await supervisor.reload({ text: 'c' })).toBe('reloaded');
    expect(taken).toEqual(['b', 'c', 'c']);
    await replaced(0);
    expect(await handedTo(3)).toBe('c');
  });

  it('asks no second worker to take a config that the first one dies of', async () => {
    await supervisor.start({ text: 'a' });
    const asked: number[] = [];
    spawned.forEach((one, index) => one.line.handle({ reload: () => (asked.push(index), one.end(died), new Promise(() => undefined)) }));
    const reloading = supervisor.reload({ text: 'deadly' });
    expect(await reloading).toBe('kept');
    await stepUntil(() => spawned.length === 3 && supervisor.ready === 2);
    expect([asked, await handedTo(2)]).toEqual([[0], 'a']);
  });

  it('leaves none behind that came with the old config while the others took the new one', async () => {
    await supervisor.start({ text: 'a' });
    let take: (outcome: string) => void = () => undefined;
    worker(1).line.handle({ reload: () => new Promise((resolve) => (take = resolve)) });
    next = 'takes its time';
    worker(0).end(died);
    await settled();
    const reloading = supervisor.reload({ text: 'b' });
    await stepUntil(() => spawned.length === 3);
    expect(await handedTo(2)).toBe('a');
    const late: unknown[] = [];
    worker(2).line.handle({ reload: (text) => (late.push(text), 'reloaded') });
    worker(2).line.tell('ready', 'nginx on somewhere');
    await settled();
    take('reloaded');
    expect(await reloading).toBe('reloaded');
    expect([late, supervisor.ready]).toEqual([['b'], 2]);
  });

  it('keeps one state for all, and passes on what one publishes to the others', async () => {
    await supervisor.start({ text: 'a' });
    const states = spawned.map(({ line }) => {
      const state = new FallbackState({ own: new MemoryState({ clock, log }) });
      state.share(new HostPlace({ line, clock }));
      return state;
    });
    const [one, other] = states as [FallbackState, FallbackState];
    const heard: string[] = [];
    states.forEach((state, index) => state.subscribe('t', (message) => heard.push(`${index} ${message}`)));
    expect(await one.note('s', 'a', { ttlMs: 1000, most: 9 })).toBe(1);
    expect(await other.note('s', 'b', { ttlMs: 1000, most: 9 })).toBe(2);
    expect([await one.count(['s']), await one.increment('n', 2, 1000), await other.increment('n', 2, 1000)]).toEqual([[2], 2, 4]);
    await one.set('v', 'x', 1000);
    expect([await other.get('v'), await other.get('none')]).toEqual(['x', undefined]);
    await other.delete('v');
    await other.forget('s', 'a');
    expect([await one.get('v'), await one.count(['s'])]).toEqual([undefined, [1]]);
    await one.publish('t', 'm');
    await settled();
    expect(heard.sort()).toEqual(['0 m', '1 m']);
  });

  it('a worker whose primary says nothing answers from its own memory after the time-out, and asks again when it speaks', async () => {
    const { ends } = channels();
    const reached: string[] = [];
    const place = new HostPlace({ line: new Line(ends[1], clock), clock, timeoutMs: 200 });
    const state = new FallbackState({ own: new MemoryState({ clock, log }), changed: ({ kind }) => void reached.push(kind) });
    state.share(place);
    const noted = state.note('s', 'a', { ttlMs: 60_000, most: 9 });
    await clock.step(200);
    expect(await noted).toBe(1);
    expect(await state.note('s', 'b', { ttlMs: 60_000, most: 9 })).toBe(2);
    new Line(ends[0], clock).handle({ state: () => true });
    await clock.step(250);
    await settled();
    expect(reached).toEqual(['lost', 'reached']);
  });

  it('bounds what waits for an answer', async () => {
    const { ends } = channels();
    const line = new Line(ends[0], clock);
    const asked = Array.from({ length: 10_001 }, () => line.ask('x', null, 1000));
    await expect(asked.at(-1)).rejects.toThrow('too many');
    const rest = Promise.allSettled(asked);
    await clock.step(1000);
    expect((await rest).every(({ status }) => status === 'rejected')).toBe(true);
  });

  it('kills a worker that does not drain in time', async () => {
    await supervisor.start({ text: 'a' });
    worker(1).line.handle({ stop: () => undefined });
    const stopped = supervisor.stop();
    await settled();
    await clock.step(1000);
    await stopped;
    expect(await worker(1).process.ended).toEqual(died);
  });

  const stepUntil = async (holds: () => boolean): Promise<void> => {
    for (let waited = 0; waited < 300_000 && !holds(); waited += 100) {
      await clock.step(100);
      await settled();
    }
    expect(holds()).toBe(true);
  };

  it('gives no place up whose next worker takes more than a minute to fail', async () => {
    await supervisor.start({ text: 'a' });
    next = 'takes its time';
    worker(0).end(died);
    await stepUntil(() => spawned.length === 3);
    await clock.step(61_000);
    next = 'ready';
    worker(2).end({ code: 2, signal: null });
    await stepUntil(() => supervisor.ready === 2);
  });

  it('tries again where no process can be made, and does not fall over it', async () => {
    await supervisor.start({ text: 'a' });
    next = 'cannot be made';
    worker(0).end(died);
    await stepUntil(() => supervisor.restarts > 2);
    expect(supervisor.ready).toBe(1);
    next = 'ready';
    await stepUntil(() => supervisor.ready === 2);
  });

  it.each([
    [undefined, { code: null, signal: null }],
    [77, { code: 1, signal: null }],
  ])('a worker that never came to be has ended, though nobody saw it exit (process %s)', async (pid, end) => {
    const process = Object.assign(new EventEmitter(), { process: { pid } });
    const ended = endOf(process as unknown as Parameters<typeof endOf>[0]);
    process.emit('error', new Error('spawn EAGAIN'));
    if (pid !== undefined) process.emit('exit', 1, null);
    expect(await ended).toEqual(end);
  });

  it('reloads a worker, too, that was just starting with the old config', async () => {
    await supervisor.start({ text: 'a' });
    worker(1).line.handle({ reload: () => 'reloaded' });
    next = 'takes its time';
    worker(0).end(died);
    await stepUntil(() => spawned.length === 3);
    const reloaded: string[] = [];
    worker(2).line.handle({ reload: () => (reloaded.push('late'), 'reloaded') });
    const reloading = supervisor.reload({ text: 'b' });
    await settled();
    worker(2).line.tell('ready', 'nginx on somewhere');
    expect(await reloading).toBe('reloaded');
    expect(reloaded).toEqual(['late']);
  });

  it('kills and replaces a worker that hangs, and none that is only late once', async () => {
    await supervisor.start({ text: 'a' });
    let mute = false;
    worker(0).line.handle({ alive: () => (mute ? new Promise(() => undefined) : true) });
    await clock.step(60_000);
    mute = true;
    await clock.step(9000);
    mute = false;
    for (let round = 0; round < 100; round++) await clock.step(500);
    expect([spawned.length, supervisor.ready]).toEqual([2, 2]);
    mute = true;
    await stepUntil(() => spawned.length === 3 && supervisor.ready === 2);
    expect(log.lines.map(({ message }) => message)).toContain('a worker hangs and is killed');
    expect(await worker(0).process.ended).toEqual(died);
  });
});
