import { describe, expect, it } from '@jest/globals';
import { isOverload } from '@postern/contract';
import { LineFull } from '@postern/pool';
import { Login } from './support/login.js';
import { nextTurn, Scene } from './support/scene.js';

describe('a pool', () => {
  it('opens no more connections than it may, and serves those who wait in their order', async () => {
    const scene = new Scene();
    const all = Array.from({ length: 4 }, () => scene.ask());
    expect([scene.openings.length, scene.pool.size]).toEqual([2, 2]);
    await scene.openAll();
    expect(scene.on(all)).toEqual([0, 1, undefined, undefined]);
    all[1]!.lent!.giveBack();
    await nextTurn();
    expect(scene.on(all)).toEqual([0, 1, 1, undefined]);
    all[0]!.lent!.giveBack();
    await nextTurn();
    expect(scene.on(all)).toEqual([0, 1, 1, 0]);
    expect([scene.made.length, scene.pool.size]).toEqual([2, 2]);
  });

  it('lends the warmest', async () => {
    const scene = new Scene();
    const [first, second] = await scene.lend(2);
    second!.giveBack();
    first!.giveBack();
    expect(scene.pool.take('alone')?.connection).toBe(first!.connection);
    expect(scene.pool.take('alone')?.connection).toBe(second!.connection);
    expect(scene.pool.take('alone')).toBeUndefined();
  });

  it('serves who waits before who comes later', async () => {
    const scene = new Scene({ max: 1 });
    const [lent] = await scene.lend(1);
    const early = scene.ask();
    lent!.giveBack();
    const late = scene.ask();
    await nextTurn();
    expect(scene.on([early, late])).toEqual([0, undefined]);
  });

  it('lends what is idle also to who did not look first', async () => {
    const scene = new Scene({ max: 1 });
    await scene.idle();
    expect((await scene.pool.acquire(new Login(), 'alone')).connection).toBe(scene.made[0]);
  });

  it('forgets those who wait no more', async () => {
    const scene = new Scene({ max: 1 });
    const [lent] = await scene.lend(1);
    const [first, second] = [scene.ask(), scene.ask()];
    first.login.giveUp();
    await nextTurn();
    expect(first.error?.message).toBe('given up');
    lent!.giveBack();
    await nextTurn();
    expect(scene.on([first, second])).toEqual([undefined, 0]);
    const over = new Login();
    over.giveUp();
    await expect(scene.pool.acquire(over, 'alone')).rejects.toThrow('given up');
  });

  it('watches nobody whom it has served', async () => {
    const scene = new Scene({ max: 1 });
    const [first, second] = [scene.ask(), scene.ask()];
    expect([first.login.watched, second.login.watched]).toEqual([true, true]);
    await scene.openAll();
    expect([first.login.watched, second.login.watched]).toEqual([false, true]);
    first.lent!.discard();
    scene.openings[0]!.fail();
    await nextTurn();
    expect([second.error?.message, second.login.watched]).toEqual(['refused', false]);
  });

  it('lets so many wait besides those for whom a connection is being opened, and says that it has too much to do', async () => {
    const scene = new Scene({ max: 2, waiting: 1 });
    const all = Array.from({ length: 4 }, () => scene.ask());
    await nextTurn();
    expect(all[3]!.error).toBeInstanceOf(LineFull);
    expect(all[3]!.error?.message).toBe('1 logins wait for a connection already');
    expect(isOverload(all[3]!.error)).toBe(true);
    await scene.openAll();
    const [fifth] = [scene.ask()];
    await nextTurn();
    expect(fifth.error).toBeInstanceOf(LineFull);
    all[0]!.lent!.giveBack();
    await nextTurn();
    expect(scene.on(all)).toEqual([0, 1, 0, undefined]);
    expect(scene.ask().error).toBeUndefined();
  });

  it('opens for who comes where nobody may wait', async () => {
    const scene = new Scene({ max: 1, waiting: 0 });
    const [first, second] = [scene.ask(), scene.ask()];
    await scene.openAll();
    expect(scene.on([first])).toEqual([0]);
    expect(second.error).toBeInstanceOf(LineFull);
  });

  it('says which connections may have died unnoticed', async () => {
    const scene = new Scene({ max: 1 });
    const [first] = await scene.lend(1);
    expect(first!.fresh).toBe(true);
    const next = scene.ask();
    first!.giveBack();
    await nextTurn();
    expect(next.lent!.fresh).toBe(false);
    next.lent!.giveBack();
    expect(scene.pool.take('alone')!.fresh).toBe(false);
    const unwanted = new Scene();
    unwanted.ask().login.giveUp();
    await unwanted.openAll();
    expect(unwanted.pool.take('alone')!.fresh).toBe(false);
  });

  it('takes nothing back twice', async () => {
    const scene = new Scene({ max: 1 });
    const [lent] = await scene.lend(1);
    lent!.giveBack();
    expect(() => lent!.giveBack()).toThrow('twice');
    expect(() => lent!.discard()).toThrow('twice');
  });
});
