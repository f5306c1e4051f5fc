import { beforeEach, describe, expect, it } from '@jest/globals';
import type { MemberRules } from '@postern/contract';
import {
  everythingChanged,
  FallbackState,
  MemoryState,
  SharedChanges,
  type PlaceWatcher,
  type Reach,
  type SharedPlace,
} from '@postern/kernel';
import fc from 'fast-check';
import { CapturedLog } from '../boot/support/captured-log.js';
import { FakeClock } from '../boot/support/fake-clock.js';

const rules: MemberRules = { ttlMs: 60_000, most: 100 };

/** A shared place that can be lost, and may fail without knowing it yet. */
class FakePlace implements SharedPlace {
  reach: Reach = { kind: 'reached' };
  failing = false;
  readonly sent: string[] = [];
  readonly #memory: MemoryState;
  #watcher: PlaceWatcher | undefined;

  constructor(clock: FakeClock, log = new CapturedLog()) {
    this.#memory = new MemoryState({ clock, log });
  }

  watch(watcher: PlaceWatcher): void {
    this.#watcher = watcher;
  }

  become(reach: Reach): void {
    this.reach = reach;
    this.#watcher?.changed(reach);
  }

  /** As another process would say it. */
  hear(topic: string, message: string): void {
    this.#watcher?.heard(topic, message);
  }

  miss(): void {
    this.#watcher?.missed();
  }

  open = (): Promise<void> => Promise.resolve();
  close = (): Promise<void> => Promise.resolve();
  get = (key: string): Promise<string | undefined> => this.#ask(() => this.#memory.get(key));
  set = (key: string, value: string, ttlMs: number): Promise<void> => this.#ask(() => this.#memory.set(key, value, ttlMs));
  increment = (key: string, by: number, ttlMs: number): Promise<number> => this.#ask(() => this.#memory.increment(key, by, ttlMs));
  delete = (key: string): Promise<void> => this.#ask(() => this.#memory.delete(key));
  note = (key: string, member: string, how: MemberRules): Promise<number> => this.#ask(() => this.#memory.note(key, member, how));
  forget = (key: string, member: string): Promise<void> => this.#ask(() => this.#memory.forget(key, member));
  count = (keys: readonly string[]): Promise<readonly number[]> => this.#ask(() => this.#memory.count(keys));
  publish = (topic: string, message: string): Promise<void> =>
    this.#ask(() => {
      this.sent.push(`${topic} ${message}`);
      return Promise.resolve();
    });

  #ask<T>(answer: () => Promise<T>): Promise<T> {
    if (this.failing || this.reach.kind === 'lost') return Promise.reject(new Error('out of reach'));
    return answer();
  }
}

const lost: Reach = { kind: 'lost', why: 'gone' };

describe('state that falls back to the own memory', () => {
  let clock: FakeClock;
  let log: CapturedLog;
  let place: FakePlace;
  let state: FallbackState;
  let reaches: Reach[];

  beforeEach(() => {
    clock = new FakeClock();
    log = new CapturedLog();
    place = new FakePlace(clock);
    reaches = [];
    state = new FallbackState({ own: new MemoryState({ clock, log }), changed: (reach) => void reaches.push(reach) });
    state.share(place);
  });

  it('asks the place while it is reached', async () => {
    await place.note('s', 'by another process', rules);
    expect(await state.note('s', 'mine', rules)).toBe(2);
    await place.set('a', 'theirs', 1000);
    expect([await state.get('a'), await state.count(['s', 'none'])]).toEqual(['theirs', [2, 0]]);
  });

  it('without a place it is the own memory alone', async () => {
    const alone = new FallbackState({ own: new MemoryState({ clock, log }) });
    await alone.set('a', '1', 1000);
    expect([
      await alone.get('a'),
      await alone.increment('n', 2, 1000),
      await alone.note('s', 'x', rules),
      await alone.count(['s']),
    ]).toEqual(['1', 2, 1, [1]]);
  });

  it('answers from the own memory when the place is lost, with what this process has counted', async () => {
    await place.note('s', 'by another process', rules);
    for (const member of ['a', 'b', 'c']) await state.note('s', member, rules);
    await state.forget('s', 'c');
    await state.increment('n', 5, 1000);
    place.become(lost);
    expect([await state.count(['s']), await state.note('s', 'd', rules), await state.increment('n', 1, 1000)]).toEqual([[2], 3, 6]);
  });

  it('never rejects for an outage, known or not known yet, and counts each thing once', async () => {
    place.failing = true;
    expect(await state.note('s', 'a', rules)).toBe(1);
    expect(await state.increment('n', 1, 1000)).toBe(1);
    await state.set('v', '1', 1000);
    expect([await state.get('v'), await state.count(['s'])]).toEqual(['1', [1]]);
    await state.delete('v');
    await state.forget('s', 'a');
    await state.publish('t', 'm');
    expect([await state.get('v'), await state.count(['s'])]).toEqual([undefined, [0]]);
  });

  it('does not bring back a value that was kept in the place', async () => {
    await state.set('v', 'old', 60_000);
    place.become(lost);
    expect(await state.get('v')).toBeUndefined();
  });

  it('counts in the place again when it is back', async () => {
    place.become(lost);
    await state.note('s', 'a', rules);
    place.become({ kind: 'reached' });
    expect(await state.note('s', 'b', rules)).toBe(1);
    expect(reaches.map(({ kind }) => kind)).toEqual(['lost', 'reached']);
  });

  it('goes on asking a place that is only deaf', async () => {
    await place.note('s', 'theirs', rules);
    place.become({ kind: 'deaf', why: 'no messages' });
    expect(await state.count(['s'])).toEqual([1]);
  });

  it('hears what it says at once and once, tells the others, and hears them', async () => {
    const heard: string[] = [];
    const end = state.subscribe('t', (message) => heard.push(message));
    await state.publish('t', 'mine');
    place.hear('t', 'theirs');
    expect([heard, place.sent]).toEqual([['mine', 'theirs'], ['t mine']]);
    end();
    await state.publish('t', 'more');
    place.hear('t', 'more');
    expect(heard).toHaveLength(2);
  });

  it('hearers from before the place was there hear it, too', () => {
    const early = new FallbackState({ own: new MemoryState({ clock, log }) });
    const heard: string[] = [];
    const end = early.subscribe('t', (message) => heard.push(message));
    const other = new FakePlace(clock);
    early.share(other);
    other.hear('t', 'm');
    end();
    other.hear('t', 'm');
    expect(heard).toEqual(['m']);
  });

  it('a hearer that throws keeps nobody from hearing, here or elsewhere, and is logged once', async () => {
    const heard: string[] = [];
    state.subscribe('t', () => {
      throw new Error('a bug');
    });
    state.subscribe('t', (message) => heard.push(message));
    await expect(state.publish('t', 'mine')).resolves.toBeUndefined();
    expect([heard, place.sent, log.lines.length]).toEqual([['mine'], ['t mine'], 1]);
    place.hear('t', 'theirs');
    expect([heard, log.lines.length]).toEqual([['mine', 'theirs'], 2]);
    expect(log.text).toMatch(/^error .*a bug/s);
  });

  it('announces it once more when the place is reached, for those who write into it when they hear', async () => {
    const heard: string[] = [];
    state.subscribe(everythingChanged.topic, (message) => {
      heard.push(message);
      void state.set('epoch', String(heard.length), 60_000);
    });
    place.become({ kind: 'lost', why: 'away' });
    place.miss();
    await new Promise(setImmediate);
    expect(await place.get('epoch').catch(() => undefined)).toBeUndefined();
    place.become({ kind: 'reached' });
    await new Promise(setImmediate);
    expect(heard).toHaveLength(2);
    expect(await place.get('epoch')).toBe('2');
    place.become({ kind: 'lost', why: 'away' });
    place.become({ kind: 'reached' });
    await new Promise(setImmediate);
    expect(heard).toHaveLength(2);
  });

  it('announces here that everything may have changed when messages were missed', () => {
    const changes = new SharedChanges(state, new CapturedLog());
    const heard: unknown[] = [];
    changes.follow((change) => heard.push(change));
    place.miss();
    expect(heard).toEqual([{ all: true }]);
    expect(place.sent).toEqual([]);
  });

  it('tells the others that everything may have changed when they could not hear a change', async () => {
    place.become(lost);
    await state.publish('changes', '{"user":"a@x.org"}');
    await state.publish('changes', '{"user":"b@x.org"}');
    place.become({ kind: 'reached' });
    await Promise.resolve();
    expect(place.sent).toEqual([`${everythingChanged.topic} ${everythingChanged.message}`]);
    place.become(lost);
    place.become({ kind: 'reached' });
    expect(place.sent).toHaveLength(1);
  });

  it('whatever happens to the place, a set holds at least what this process noted since the place was last lost', async () => {
    const step = fc.oneof(fc.constantFrom('lose', 'find', 'fail', 'mend'), fc.constantFrom('a', 'b', 'c'));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const shaky = new FakePlace(clock);
        const tested = new FallbackState({ own: new MemoryState({ clock, log }) });
        tested.share(shaky);
        for (const one of steps) {
          if (one === 'lose') shaky.become(lost);
          else if (one === 'find') shaky.become({ kind: 'reached' });
          else if (one === 'fail') shaky.failing = true;
          else if (one === 'mend') shaky.failing = false;
          else expect(await tested.note('s', one, rules)).toBeGreaterThanOrEqual(1);
        }
        shaky.become(lost);
        const noted = new Set(steps.filter((one) => one.length === 1)).size;
        expect(await tested.count(['s'])).toEqual([noted]);
      }),
    );
  });
});
