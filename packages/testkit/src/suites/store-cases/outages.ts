import type { VerdictKind } from '@postern/contract';
import type { Fault } from '../../servers/fault.js';
import type { OutageScene } from '../store-outage.js';
import { needed } from './opened-store.js';
import { OutageRun } from './outage-run.js';

export type OutageCaseId =
  | 'refused'
  | 'black-hole'
  | 'slow'
  | 'dropped'
  | 'garbage'
  | 'reset'
  | 'half-open'
  | 'restarted'
  | 'out-from-the-start'
  | 'given-up'
  | 'untrusted';

export interface OutageCase {
  readonly id: OutageCaseId;
  readonly title: string;
  readonly run: (scene: OutageScene) => Promise<void>;
}

const onlyDeferred: readonly VerdictKind[] = ['deferred'];

/** Up, out, everybody deferred, back, recovered, stopped without a trace. */
const through = (faults: (timeoutMs: number) => readonly Fault[]): OutageCase['run'] =>
  async function run(scene) {
    for (const fault of faults(scene.setup.timeoutMs)) {
      await OutageRun.within(scene, async (run) => {
        await run.start();
        await run.untilAccepted();
        await scene.proxy.become(fault);
        await run.expectAll(onlyDeferred, onlyDeferred);
        await run.expectNotUp();
        await scene.proxy.become({ kind: 'pass' });
        await run.untilAccepted();
      });
    }
  };

export const outageCases: readonly OutageCase[] = [
  { id: 'refused', title: 'defers everybody while connections are refused, and recovers', run: through(() => [{ kind: 'refuse' }]) },
  { id: 'black-hole', title: 'defers everybody while nothing answers, and recovers', run: through(() => [{ kind: 'black-hole' }]) },
  {
    id: 'slow',
    title: 'defers everybody while answers come too late, and recovers',
    run: through((timeoutMs) => [{ kind: 'slow', ms: timeoutMs * 2 }]),
  },
  {
    id: 'dropped',
    title: 'defers everybody while replies break off in the middle, and recovers',
    run: through(() => [1, 4, 9].map((bytes) => ({ kind: 'drop-mid-reply', bytes }))),
  },
  { id: 'garbage', title: 'defers everybody while replies are garbage, and recovers', run: through(() => [{ kind: 'garbage' }]) },
  { id: 'reset', title: 'defers everybody while connections are reset, and recovers', run: through(() => [{ kind: 'reset' }]) },
  {
    id: 'half-open',
    title: 'calls nobody wrong when open connections silently died, and uses new ones',
    run: (scene) =>
      OutageRun.within(scene, async (run) => {
        await run.start();
        await run.untilAccepted();
        await scene.proxy.become({ kind: 'half-open' });
        await run.expectAll(['accepted', 'deferred'], ['rejected', 'deferred']);
        await run.untilAccepted();
      }),
  },
  {
    id: 'restarted',
    title: 'calls nobody wrong when the server was started again, and uses new connections',
    run: (scene) =>
      OutageRun.within(scene, async (run) => {
        await run.start();
        await run.untilAccepted();
        scene.proxy.dropAll();
        await run.expectAll(['accepted', 'deferred'], ['rejected', 'deferred']);
        await run.untilAccepted();
        await scene.proxy.become({ kind: 'refuse' });
        await scene.proxy.become({ kind: 'pass' });
        await run.expectAll(['accepted', 'deferred'], ['rejected', 'deferred']);
        await run.untilAccepted();
      }),
  },
  {
    id: 'out-from-the-start',
    title: 'starts without its server, defers everybody, and recovers when it comes',
    run: async (scene) => {
      for (const fault of [{ kind: 'refuse' }, { kind: 'black-hole' }] as const) {
        await scene.proxy.become(fault);
        await OutageRun.within(scene, async (run) => {
          await run.start();
          await run.expectAll(onlyDeferred, onlyDeferred);
          await run.expectNotUp();
          await scene.proxy.become({ kind: 'pass' });
          await run.untilAccepted();
        });
      }
    },
  },
  {
    id: 'given-up',
    title: 'lets go of what it holds when many logins are given up at once',
    run: (scene) =>
      OutageRun.within(scene, async (run) => {
        await run.start();
        await run.untilAccepted();
        await scene.proxy.become({ kind: 'black-hole' });
        await run.giveUp(50);
        await scene.proxy.become({ kind: 'pass' });
        scene.proxy.dropAll();
        await run.untilAccepted();
      }),
  },
  {
    id: 'untrusted',
    title: 'defers everybody when TLS does not hold',
    run: async (scene) => {
      for (const make of Object.values(needed(scene.setup.untrusted, 'untrusted'))) {
        await OutageRun.within({ ...scene, setup: { ...scene.setup, make } }, async (run) => {
          await run.start();
          await run.expectAll(onlyDeferred, onlyDeferred);
          await run.expectNotUp();
        });
      }
    },
  },
];
