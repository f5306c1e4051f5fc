import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryState, FallbackState } from '@postern/kernel';
import { CapturedLog, SteppableClock } from '@postern/testkit';
import { HostPlace } from '../src/workers/host-place.js';
import { Line, type Channel, type Packet } from '../src/workers/line.js';
import { Supervisor, type WorkerEnd, type WorkerProcess } from '../src/workers/supervisor.js';

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
  let next: 'ready' | 'dies';

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
        const worker = new FakeWorker(clock, 100 + spawned.length);
        spawned.push(worker);
        if (next === 'ready') queueMicrotask(() => void worker.line.tell('ready', 'nginx on somewhere'));
        else queueMicrotask(() => worker.end({ code: 2, signal: null }));
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
    expect(await supervisor.start()).toEqual({ kind: 'failed', end: { code: 2, signal: null } });
    expect(spawned).toHaveLength(1);
  });

  it('replaces a worker that dies, with growing pauses when it dies again and again', async () => {
    expect(await supervisor.start()).toEqual({ kind: 'ready', doors: 'nginx on somewhere' });
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
    await supervisor.start();
    const asked: number[] = [];
    let answers = ['kept', 'kept'];
    spawned.forEach(({ line }, index) => line.handle({ reload: () => (asked.push(index), answers[index]) }));
    expect(await supervisor.reload()).toBe('kept');
    expect(asked).toEqual([0]);
    answers = ['reloaded', 'kept'];
    expect(await supervisor.reload()).toBe('reloaded');
    await settled();
    await clock.step(100);
    await settled();
    expect([spawned.length, supervisor.ready]).toEqual([3, 2]);
  });

  it('keeps one state for all, and passes on what one publishes to the others', async () => {
    await supervisor.start();
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
    await supervisor.start();
    worker(1).line.handle({ stop: () => undefined });
    const stopped = supervisor.stop();
    await settled();
    await clock.step(1000);
    await stopped;
    expect(await worker(1).process.ended).toEqual(died);
  });
});
