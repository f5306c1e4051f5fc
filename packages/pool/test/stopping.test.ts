import { describe, expect, it } from '@jest/globals';
import { nextTurn, Scene } from './support/scene.js';

const stopped = new Error('stopped');

describe('a pool that stops', () => {
  it('cuts off what is lent, parts politely from what is idle, and lends nothing any more', async () => {
    const scene = new Scene({ max: 3 });
    const [idle, lent, dead] = await scene.lend(3);
    idle!.giveBack();
    dead!.connection.broken = true;
    await scene.pool.stop(stopped);
    expect(scene.made.map(({ destroyed, ended }) => [destroyed, ended])).toEqual([
      [0, 1],
      [1, 0],
      [1, 0],
    ]);
    expect([scene.pool.size, scene.clock.pending]).toEqual([0, 0]);
    expect(scene.pool.take('alone')).toBeUndefined();
    const late = scene.ask();
    await nextTurn();
    expect(late.error).toBe(stopped);
    expect(lent!.condemned).toBe(true);
    lent!.giveBack();
    dead!.discard();
    expect(scene.made.map(({ destroyed, ended }) => destroyed + ended)).toEqual([1, 1, 1]);
    expect([scene.pool.size, scene.clock.pending]).toEqual([0, 0]);
  });

  it('fails all who wait, with the reason, and watches none of them', async () => {
    const scene = new Scene({ max: 1 });
    await scene.lend(1);
    const waiting = Array.from({ length: 3 }, () => scene.ask());
    await scene.pool.stop(stopped);
    expect(waiting.map(({ error, login }) => [error, login.watched])).toEqual(Array(3).fill([stopped, false]));
  });

  it('calls off what is being opened, waits for the end of it, and closes what comes all the same', async () => {
    const scene = new Scene();
    const asked = [scene.ask(), scene.ask()];
    let over = false;
    const stopping = scene.pool.stop(stopped).then(() => (over = true));
    await nextTurn();
    expect(asked.map(({ error }) => error)).toEqual([stopped, stopped]);
    expect(scene.openings.map(({ signal }) => signal.reason as unknown)).toEqual([stopped, stopped]);
    scene.openings[0]!.fail();
    await nextTurn();
    expect([over, scene.pool.size]).toEqual([false, 1]);
    scene.openings[0]!.succeed();
    await stopping;
    expect([scene.made[0]!.destroyed, scene.pool.size, scene.clock.pending]).toEqual([1, 0, 0]);
  });

  it('stops twice as well as once', async () => {
    const scene = new Scene();
    await scene.idle();
    await Promise.all([scene.pool.stop(stopped), scene.pool.stop(new Error('again'))]);
    expect(scene.made[0]!.ended).toBe(1);
    await expect(scene.pool.acquire(scene.ask().login, 'alone')).rejects.toBe(stopped);
  });

  it('lends again when it is started, and is not disturbed by what was called off', async () => {
    const scene = new Scene({ max: 2 });
    const [lent] = await scene.lend(1);
    const before = scene.ask();
    void scene.pool.stop(stopped);
    scene.pool.start();
    scene.pool.start();
    const after = [scene.ask(), scene.ask()];
    // One that was called off may still reach the server.
    expect([scene.openings.length, scene.pool.size]).toEqual([2, 2]);
    scene.openings[0]!.fail(new Error('called off'));
    await nextTurn();
    expect([before.error, ...after.map(({ error }) => error)]).toEqual([stopped, undefined, undefined]);
    await scene.openAll();
    expect(scene.on(after)).toEqual([1, 2]);
    lent!.giveBack();
    expect([scene.made[0]!.destroyed, scene.pool.size]).toEqual([1, 2]);
  });
});
