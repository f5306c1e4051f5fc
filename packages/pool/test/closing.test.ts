import { describe, expect, it } from '@jest/globals';
import { Scene } from './support/scene.js';

describe('a connection of a pool', () => {
  it('is closed when nobody used it for a while, politely where it can be, each at its own time', async () => {
    const scene = new Scene();
    const [first, second] = await scene.lend(2);
    first!.giveBack();
    await scene.clock.step(400);
    second!.giveBack();
    await scene.clock.step(599);
    expect(scene.made.map(({ ended }) => ended)).toEqual([0, 0]);
    await scene.clock.step(1);
    expect(scene.made.map(({ ended }) => ended)).toEqual([1, 0]);
    await scene.clock.step(399);
    expect(scene.pool.size).toBe(1);
    await scene.clock.step(1);
    expect(scene.made.map(({ ended, destroyed }) => [ended, destroyed])).toEqual([
      [1, 0],
      [1, 0],
    ]);
    expect([scene.pool.size, scene.clock.pending]).toEqual([0, 0]);
  });

  it('stays open as long as somebody uses it in between', async () => {
    const scene = new Scene({ max: 1 });
    await scene.idle();
    for (let turn = 0; turn < 9; turn += 1) {
      await scene.clock.step(900);
      scene.pool.take('alone')!.giveBack();
    }
    expect(scene.made[0]!.broken).toBe(false);
  });

  it('that knows no good-bye is cut', async () => {
    const scene = new Scene({ max: 1 });
    await scene.idle();
    Object.assign(scene.made[0]!, { end: undefined });
    await scene.clock.step(1000);
    expect([scene.made[0]!.destroyed, scene.pool.size]).toEqual([1, 0]);
  });

  it('is not lent again when it is too old, neither from hand to hand nor after a rest', async () => {
    const scene = new Scene({ max: 1, idleMs: 60_000 });
    const [lent] = await scene.lend(1);
    const waiting = scene.ask();
    await scene.clock.step(10_001);
    lent!.giveBack();
    await scene.openAll();
    expect(scene.on([waiting])).toEqual([1]);
    waiting.lent!.giveBack();
    await scene.clock.step(10_000);
    scene.pool.take('alone')!.giveBack();
    await scene.clock.step(1);
    expect(scene.pool.take('alone')).toBeUndefined();
    expect(scene.made.map(({ destroyed }) => destroyed)).toEqual([1, 1]);
    expect(scene.pool.size).toBe(0);
  });

  it('that died while it lay idle is lent to nobody, and its place is free', async () => {
    const scene = new Scene({ max: 2 });
    await scene.idle(2);
    for (const connection of scene.made) connection.broken = true;
    const all = [scene.ask(), scene.ask()];
    await scene.openAll();
    expect(scene.on(all)).toEqual([2, 3]);
    expect(scene.pool.size).toBe(2);
  });

  it('that died while it was lent makes room for who waits, as soon as it comes back', async () => {
    for (const how of ['giveBack', 'discard'] as const) {
      const scene = new Scene({ max: 1 });
      const [lent] = await scene.lend(1);
      const waiting = scene.ask();
      lent!.connection.broken = true;
      lent![how]();
      expect([scene.openings.length, scene.pool.size]).toEqual([1, 1]);
      await scene.openAll();
      expect(scene.on([waiting])).toEqual([1]);
    }
  });

  it('that is discarded is closed at once, and makes room', async () => {
    const scene = new Scene({ max: 1 });
    const [lent] = await scene.lend(1);
    const waiting = scene.ask();
    lent!.discard();
    expect([lent!.connection.destroyed, scene.openings.length]).toEqual([1, 1]);
    await scene.openAll();
    expect(waiting.lent!.fresh).toBe(true);
  });

  it('that is condemned is closed now if it is idle, and when it comes back if it is lent', async () => {
    const scene = new Scene({ max: 3 });
    const [one, two, three] = await scene.lend(3);
    one!.giveBack();
    two!.giveBack();
    scene.pool.condemn(({ connection, riders }) => connection !== scene.made[1] && riders < 2);
    expect(scene.made.map(({ destroyed }) => destroyed)).toEqual([1, 0, 0]);
    expect([three!.condemned, scene.pool.size]).toEqual([true, 2]);
    three!.giveBack();
    expect(scene.made.map(({ destroyed }) => destroyed)).toEqual([1, 0, 1]);
    expect(scene.pool.take('alone')?.connection).toBe(scene.made[1]);
  });

  it('that is being opened when others are condemned is none of them', async () => {
    const scene = new Scene({ max: 1 });
    const asked = scene.ask();
    scene.pool.condemn(() => true);
    await scene.openAll();
    asked.lent!.giveBack();
    expect(scene.pool.take('alone')).toBe(asked.lent);
  });
});
