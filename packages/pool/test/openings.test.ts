import { describe, expect, it } from '@jest/globals';
import { FakeConnection } from './support/fake-connection.js';
import { nextTurn, Scene } from './support/scene.js';

describe('opening a connection', () => {
  it('serves who has waited longest, whoever it was begun for', async () => {
    const scene = new Scene();
    const [first, second] = [scene.ask(), scene.ask()];
    scene.openings[1]!.succeed();
    await nextTurn();
    expect(scene.on([first, second])).toEqual([0, undefined]);
    first.login.giveUp();
    scene.openings[0]!.succeed();
    await nextTurn();
    expect(scene.on([second])).toEqual([1]);
  });

  it('goes on when nobody waits for it any more, for who comes next', async () => {
    const scene = new Scene();
    const gone = scene.ask();
    gone.login.giveUp();
    const next = scene.ask();
    expect(scene.openings.length).toBe(1);
    await scene.openAll();
    expect(scene.on([gone, next])).toEqual([undefined, 0]);
  });

  it('is not waited for when another connection comes back first', async () => {
    const scene = new Scene();
    const [lent] = await scene.lend(1);
    const waiting = scene.ask();
    lent!.giveBack();
    await nextTurn();
    expect(scene.on([waiting])).toEqual([0]);
    await scene.openAll();
    expect(scene.pool.take('alone')?.connection).toBe(scene.made[1]);
  });

  it('that fails fails one, the first, and another is begun for who still waits', async () => {
    const scene = new Scene({ max: 1 });
    const all = [scene.ask(), scene.ask(), scene.ask()];
    scene.openings[0]!.fail(new Error('first'));
    await nextTurn();
    expect(all.map(({ error }) => error?.message)).toEqual(['first', undefined, undefined]);
    expect([scene.openings.length, scene.pool.size]).toEqual([1, 1]);
    scene.openings[0]!.fail(new Error('second'));
    await nextTurn();
    expect(all.map(({ error }) => error?.message)).toEqual(['first', 'second', undefined]);
    await scene.openAll();
    expect(scene.on(all)).toEqual([undefined, undefined, 0]);
    expect(scene.pool.size).toBe(1);
  });

  it('that fails says nothing to who came when it was under way: another is begun for him', async () => {
    const scene = new Scene({ max: 1 });
    scene.ask().login.giveUp();
    const late = scene.ask();
    scene.openings[0]!.fail();
    await nextTurn();
    expect([late.error, scene.openings.length]).toEqual([undefined, 1]);
    scene.openings[0]!.fail();
    await nextTurn();
    expect([late.error?.message, scene.openings.length, scene.pool.size]).toEqual(['refused', 0, 0]);
  });

  it('that fails with nobody there is forgotten', async () => {
    const scene = new Scene();
    scene.ask().login.giveUp();
    scene.openings[0]!.fail();
    await nextTurn();
    expect([scene.openings.length, scene.pool.size]).toEqual([0, 0]);
  });

  it('that throws at once fails like any other', async () => {
    const scene = new Scene();
    scene.openings.push = () => {
      throw new Error('no socket');
    };
    const asked = scene.ask();
    await nextTurn();
    expect([asked.error?.message, scene.pool.size]).toEqual(['no socket', 0]);
  });

  it('may bring a connection that is dead already: one finds out, and its place is free', async () => {
    const scene = new Scene({ max: 1 });
    const all = [scene.ask('shared'), scene.ask('shared')];
    const stillborn = new FakeConnection();
    stillborn.broken = true;
    scene.openings[0]!.succeed(stillborn);
    await nextTurn();
    expect(scene.on(all)).toEqual([0, undefined]);
    expect(all[0]!.lent!.fresh).toBe(true);
    all[0]!.lent!.giveBack();
    await scene.openAll();
    expect(scene.on(all)).toEqual([0, 1]);
    expect(scene.pool.size).toBe(1);
  });

  it('that was under way at a renewal serves one who waited for it, once, and nobody who came since', async () => {
    const scene = new Scene({ max: 3 });
    const [lent] = await scene.lend(1);
    const waiting = scene.ask('shared');
    scene.pool.renew();
    expect([lent!.condemned, scene.pool.size]).toEqual([true, 3]);
    const late = scene.ask('shared');
    scene.openings[0]!.succeed();
    await nextTurn();
    expect(scene.on([waiting, late])).toEqual([1, undefined]);
    lent!.giveBack();
    await scene.openAll();
    expect(scene.on([late])).toEqual([2]);
    waiting.lent!.giveBack();
    late.lent!.giveBack();
    expect(scene.made.map(({ destroyed }) => destroyed)).toEqual([1, 1, 0]);
    scene.pool.renew();
    expect(scene.made[2]!.destroyed).toBe(1);
  });

  it('that was under way at a renewal keeps nobody waiting who came since', async () => {
    const scene = new Scene({ max: 2 });
    const early = scene.ask();
    early.login.giveUp();
    scene.pool.renew();
    const late = scene.ask();
    expect(scene.openings.length).toBe(2);
    scene.openings[1]!.succeed();
    await nextTurn();
    expect(scene.on([late])).toEqual([0]);
  });

  it('that was under way at a renewal, and that nobody waits for any more, is closed, and another is opened for who came since', async () => {
    const scene = new Scene({ max: 1 });
    scene.ask().login.giveUp();
    scene.pool.renew();
    const late = scene.ask();
    scene.openings[0]!.succeed();
    await nextTurn();
    expect([scene.made[0]!.destroyed, scene.openings.length, scene.pool.size]).toEqual([1, 1, 1]);
    await scene.openAll();
    expect(scene.on([late])).toEqual([1]);
    const unwanted = new Scene();
    unwanted.ask().login.giveUp();
    unwanted.pool.renew();
    await unwanted.openAll();
    expect([unwanted.made[0]!.destroyed, unwanted.pool.size]).toEqual([1, 0]);
  });

  it('takes a place from the first moment to the last', async () => {
    const scene = new Scene({ max: 1 });
    const asked = scene.ask();
    scene.openings[0]!.succeed();
    // It is neither being opened nor lent for a few turns of the promises.
    for (let turn = 0; turn < 9 && asked.lent === undefined; turn += 1) {
      expect(scene.pool.size).toBe(1);
      await Promise.resolve();
    }
    expect(scene.pool.size).toBe(1);
  });
});
