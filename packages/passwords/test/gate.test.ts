import { describe, expect, it } from '@jest/globals';
import { Gate, heavyChecks, PasswordsBusy } from '../src/gate.js';
import { checkPassword, hashPassword, verifyPassword } from '../src/index.js';

const opening = (): { readonly opened: Promise<void>; readonly open: () => void } => {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
};

describe('the gate before heavy checks', () => {
  it('lets so many run at once, so many wait in order, and turns the rest away', async () => {
    const gate = new Gate({ atOnce: 2, mostWaiting: 2 });
    const doors = [opening(), opening(), opening(), opening()];
    const begun: number[] = [];
    const runs = doors.map((door, index) => gate.run(() => (begun.push(index), door.opened)));
    await expect(gate.run(() => Promise.resolve())).rejects.toBeInstanceOf(PasswordsBusy);
    expect([begun, gate.running, gate.waiting]).toEqual([[0, 1], 2, 2]);
    doors[1]!.open();
    await runs[1];
    expect([begun, gate.running, gate.waiting]).toEqual([[0, 1, 2], 2, 1]);
    for (const door of doors) door.open();
    await Promise.all(runs);
    expect([begun, gate.running, gate.waiting]).toEqual([[0, 1, 2, 3], 0, 0]);
  });

  it('turns away whose turn would come too late, going by how long the others took', async () => {
    let now = 0;
    const gate = new Gate({ atOnce: 2, mostWaiting: 100, longestWaitMs: 1000, now: () => now });
    for (let count = 0; count < 100; count++) await gate.run(() => ((now += 500), Promise.resolve()));
    const door = opening();
    const inside = [gate.run(() => door.opened), gate.run(() => door.opened)];
    // Two at once, half a second each: four have their turn within the second.
    const waiting = Array.from({ length: 4 }, () => gate.run(() => Promise.resolve()));
    expect(gate.waiting).toBe(4);
    await expect(gate.run(() => Promise.resolve())).rejects.toMatchObject({ name: 'PasswordsBusy', overloaded: true });
    door.open();
    await Promise.all([...inside, ...waiting]);
    expect([gate.running, gate.waiting]).toEqual([0, 0]);
  });

  it('an aborted login leaves the queue at once and its place is not lost', async () => {
    const gate = new Gate({ atOnce: 1, mostWaiting: 8 });
    const door = opening();
    const first = gate.run(() => door.opened);
    const abort = new AbortController();
    let ran = false;
    const second = gate.run(() => ((ran = true), Promise.resolve()), abort.signal);
    const third = gate.run(() => Promise.resolve('third'));
    abort.abort(new Error('too late'));
    await expect(second).rejects.toThrow('too late');
    door.open();
    await first;
    expect(await third).toBe('third');
    expect([ran, gate.running, gate.waiting]).toEqual([false, 0, 0]);
    await expect(gate.run(() => Promise.resolve(), abort.signal)).rejects.toThrow('too late');
  });

  it('a task that throws gives its place back', async () => {
    const gate = new Gate({ atOnce: 1, mostWaiting: 1 });
    await expect(gate.run(() => Promise.reject(new Error('x')))).rejects.toThrow('x');
    await expect(
      gate.run(() => {
        throw new Error('y');
      }),
    ).rejects.toThrow('y');
    expect(gate.running).toBe(0);
    expect(await gate.run(() => Promise.resolve(1))).toBe(1);
  });

  it('bounds real checks: a flood is turned away, what was let in is answered rightly', async () => {
    const stored = await hashPassword(Buffer.from('right'), 'BLF-CRYPT');
    const rules = { defaultScheme: 'CRYPT', allowWeak: [] };
    const aborts = Array.from({ length: 400 }, () => new AbortController());
    const flood = aborts.map((abort) => verifyPassword(Buffer.from('right'), stored, rules, abort.signal));
    const settled = Promise.allSettled(flood);
    // Fewer than 256 wait where checks are slow: the last of them would have their turn too late.
    expect(heavyChecks.waiting).toBeGreaterThan(0);
    expect(heavyChecks.waiting).toBeLessThanOrEqual(256);
    await Promise.any(flood);
    for (const abort of aborts) abort.abort(new Error('over'));
    const outcomes = (await settled).map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as Error).message));
    expect(new Set(outcomes)).toEqual(new Set(['match', 'over', 'too many password checks are waiting']));
    expect([heavyChecks.running, heavyChecks.waiting]).toEqual([0, 0]);
  });

  it('cheap schemes do not wait, and answer at once', () => {
    expect(checkPassword(Buffer.from('x'), '{PLAIN}x', { defaultScheme: 'CRYPT', allowWeak: ['PLAIN'] })).toBe('match');
  });
});
