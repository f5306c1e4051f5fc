import { describe, expect, it } from '@jest/globals';
import type { Way } from '@postern/pool';
import { nextTurn, Scene } from './support/scene.js';

describe('those who share connections', () => {
  it('ride together when they come in one turn, so many at most, and what they ask goes out at once', async () => {
    const scene = new Scene();
    await scene.idle();
    const all = Array.from({ length: 4 }, () => scene.ask('shared'));
    expect(scene.on(all)).toEqual([0, 0, 0, undefined]);
    expect(scene.made[0]!.gathering).toBe(1);
    await nextTurn();
    expect(scene.made[0]!.gathering).toBe(0);
    expect(all.map(({ lent }) => lent?.crowded)).toEqual([true, true, true, undefined]);
  });

  it('do not join those of an earlier turn', async () => {
    const scene = new Scene();
    await scene.idle(2);
    const first = scene.ask('shared');
    await nextTurn();
    const second = scene.ask('shared');
    expect(first.lent!.connection).not.toBe(second.lent!.connection);
    expect([first.lent!.crowded, second.lent!.crowded]).toEqual([false, false]);
  });

  it('join nobody who is alone, and nobody alone joins them', async () => {
    const scene = new Scene();
    await scene.idle(2);
    const all = (['alone', 'shared', 'alone', 'shared'] as const).map((way) => scene.ask(way));
    expect(scene.on(all)).toEqual([1, 0, undefined, 0]);
    all[1]!.lent!.giveBack();
    await nextTurn();
    expect(scene.on(all)).toEqual([1, 0, undefined, 0]);
    all[3]!.lent!.giveBack();
    await nextTurn();
    expect(scene.on(all)).toEqual([1, 0, 0, 0]);
  });

  it('are served together when they had to wait, and not past one who is to be alone', async () => {
    const scene = new Scene();
    const [one, two] = await scene.lend(2);
    const ways: readonly Way[] = ['shared', 'shared', 'alone', 'shared', 'shared', 'shared', 'shared'];
    const all = ways.map((way) => scene.ask(way));
    one!.giveBack();
    await nextTurn();
    expect(scene.on(all)).toEqual([0, 0, undefined, undefined, undefined, undefined, undefined]);
    two!.giveBack();
    await nextTurn();
    expect(scene.on(all)).toEqual([0, 0, 1, undefined, undefined, undefined, undefined]);
    all[2]!.lent!.giveBack();
    await nextTurn();
    expect(scene.on(all)).toEqual([0, 0, 1, 1, 1, 1, undefined]);
  });

  it('all board a new connection that they waited for', async () => {
    const scene = new Scene({ max: 1 });
    const all = Array.from({ length: 4 }, () => scene.ask('shared'));
    await scene.openAll();
    expect(scene.on(all)).toEqual([0, 0, 0, undefined]);
    expect(all[2]!.lent!.fresh).toBe(true);
  });

  it('take along who comes in the turn in which they were served', async () => {
    const scene = new Scene();
    const lent = await scene.lend(2);
    const waiting = scene.ask('shared');
    lent[0]!.giveBack();
    const newcomer = scene.ask('shared');
    await nextTurn();
    expect(scene.on([waiting, newcomer])).toEqual([0, 0]);
  });

  it('take nobody along when all of them have left, or when theirs is dead or condemned', async () => {
    for (const leave of ['back', 'dead', 'condemned'] as const) {
      const scene = new Scene();
      await scene.idle();
      const first = scene.ask('shared');
      if (leave === 'back') {
        first.lent!.giveBack();
        expect(scene.ask('alone').lent).toBe(first.lent);
      } else if (leave === 'dead') scene.made[0]!.broken = true;
      else scene.pool.condemn(() => true);
      expect(scene.ask('shared').lent).toBeUndefined();
    }
  });

  it('keep the connection from others until the last has left, who are told that it was crowded no more', async () => {
    const scene = new Scene({ max: 1 });
    await scene.idle();
    const [first, second] = [scene.ask('shared'), scene.ask('shared')];
    first.lent!.giveBack();
    await nextTurn();
    expect(scene.ask('alone').lent).toBeUndefined();
    second.lent!.giveBack();
    await nextTurn();
    expect(second.lent!.crowded).toBe(false);
  });

  it('have theirs closed when one discards it and the last has an answer, and lent to nobody before', async () => {
    const scene = new Scene({ max: 1 });
    await scene.idle();
    const [first, second] = [scene.ask('shared'), scene.ask('shared')];
    first.lent!.discard();
    expect(scene.made[0]!.broken).toBe(false);
    const waiting = scene.ask('shared');
    expect(waiting.lent).toBeUndefined();
    second.lent!.giveBack();
    expect(scene.made[0]!.destroyed).toBe(1);
    await scene.openAll();
    expect(scene.on([waiting])).toEqual([1]);
  });

  it('free the place of one that died under them once, as soon as the first of them hears of it', async () => {
    const scene = new Scene({ max: 1 });
    await scene.idle();
    const riders = Array.from({ length: 3 }, () => scene.ask('shared'));
    const waiting = [scene.ask('alone'), scene.ask('alone')];
    scene.made[0]!.broken = true;
    riders[0]!.lent!.giveBack();
    expect([scene.openings.length, scene.pool.size]).toEqual([1, 1]);
    for (const { lent } of riders.slice(1)) lent!.discard();
    expect([scene.openings.length, scene.pool.size]).toEqual([1, 1]);
    await scene.openAll();
    expect(scene.on(waiting)).toEqual([1, undefined]);
  });

  it('are one where only one may be on a connection, and then nothing is held back', async () => {
    const scene = new Scene({ together: 1 });
    await scene.idle(2);
    const all = [scene.ask('shared'), scene.ask('shared')];
    expect(new Set(scene.on(all)).size).toBe(2);
    expect(scene.made.map(({ gathering }) => gathering)).toEqual([0, 0]);
  });

  it('find their connection as it was when it knows nothing of holding back', async () => {
    const scene = new Scene();
    await scene.idle();
    Object.assign(scene.made[0]!, { gather: undefined });
    expect(scene.on([scene.ask('shared'), scene.ask('shared')])).toEqual([0, 0]);
    await nextTurn();
    expect(scene.ask('shared').lent).toBeUndefined();
  });
});
