import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { makeStore, needed, soon, withStore } from './opened-store.js';
import type { StoreCase } from './store-case.js';

export const lifeCases: readonly StoreCase[] = [
  {
    id: 'aborted-before',
    title: 'says nothing about a login that was given up before it was asked',
    run: (setup) =>
      withStore(setup, async (opened) => {
        const { kind } = await soon(opened.ask(setup.known, AbortSignal.abort(new Error('given up'))), 'verify');
        assert.equal(kind, 'deferred');
        assert.equal((await opened.ask(setup.known)).kind, 'accepted');
      }),
  },
  {
    id: 'aborted-during',
    title: 'ends soon after a login is given up, and calls nothing wrong by that',
    run: (setup) =>
      withStore(
        setup,
        async (opened) => {
          const abort = new AbortController();
          const asked = opened.ask(setup.known, abort.signal);
          await setImmediate();
          abort.abort(new Error('given up'));
          assert.equal((await soon(asked, 'verify')).kind, 'deferred');
        },
        needed(setup.hanging, 'hanging'),
      ),
  },
  {
    id: 'outages',
    title: 'tells an outage from a wrong password, whatever way its backend is out',
    run: async (setup) => {
      const outages = Object.entries(needed(setup.outages, 'outages'));
      for (const [how, make] of outages) {
        const opened = await makeStore(setup, make);
        // A store may fail to start then; it is asked all the same.
        await opened.store.start?.(opened.signal).catch(() => undefined);
        for (const password of [setup.known.password, 'certainly not the password']) {
          const { kind } = await soon(opened.ask({ user: setup.known.user, password }), `verify (${how})`);
          assert.equal(kind, 'deferred', `backend ${how}: ${kind}`);
        }
        await opened.store.stop?.(opened.signal);
        opened.assertDiscreet();
      }
    },
  },
  {
    id: 'stop',
    title: 'stops without having been started, stops twice, and rejects nobody after that',
    run: async (setup) => {
      const opened = await makeStore(setup);
      const { store, signal } = opened;
      await store.stop?.(signal);
      await store.start?.(signal);
      assert.equal((await opened.ask(setup.known)).kind, 'accepted');
      await store.stop?.(signal);
      await store.stop?.(signal);
      const expected = setup.afterStop === 'answers' ? 'accepted' : 'deferred';
      assert.equal((await soon(opened.ask(setup.known), 'verify after stop')).kind, expected);
      if (store.health !== undefined) assert.ok(['up', 'degraded', 'down'].includes((await store.health(signal)).status));
      opened.assertDiscreet();
    },
  },
  {
    id: 'failing-start',
    title: 'defers everybody when it could not start, and stops cleanly then',
    run: async (setup) => {
      const opened = await makeStore(setup, needed(setup.failingStart, 'failingStart'));
      const { store, signal } = opened;
      assert.ok(store.start !== undefined, 'it has no `start`; skip this case with a reason');
      await assert.rejects(soon(store.start(signal), 'start'));
      assert.equal((await soon(opened.ask(setup.known), 'verify')).kind, 'deferred');
      if (store.health !== undefined) assert.notEqual((await store.health(signal)).status, 'up');
      await soon(Promise.resolve(store.stop?.(signal)), 'stop');
      opened.assertDiscreet();
    },
  },
];
