import { fakeServices, type FakeServices } from '../fakes/fake-services.js';
import { LiveClock } from '../fakes/live-clock.js';
import type { TestRunner } from '../runner.js';
import type { Endpoint } from '../servers/endpoint.js';
import { FaultyProxy } from '../servers/faulty-proxy.js';
import { ServerRoom } from '../servers/server-room.js';
import type { Login, StoreUnderTest } from './credential-store.js';
import { skipped } from './skipped.js';
import { outageCases, type OutageCaseId } from './store-cases/outages.js';

/** Where the store is to find its server. */
export interface ProxyEndpoint {
  readonly host: string;
  readonly port: number;
}

export interface StoreOutagesSetup {
  /** What the store is called in the titles. */
  readonly name: string;
  /** The real server, running. Asked once, before the first case. */
  readonly upstream: () => Endpoint | Promise<Endpoint>;
  /** A fresh store whose server is at the endpoint, created and not started. Called for every case. */
  readonly make: (endpoint: ProxyEndpoint, services: FakeServices) => StoreUnderTest | Promise<StoreUnderTest>;
  /** Somebody who may log in. */
  readonly good: Login;
  /** Milliseconds that the host gives a login: its signal aborts then. Keep it small, about 600. */
  readonly timeoutMs: number;
  /** Milliseconds until it must let people in again once the server is back: more than its longest back-off. Default: 15 000. */
  readonly recoveryMs?: number;
  /** A store that wants TLS of the server and must not trust what it finds: another authority, another name, no TLS at all. */
  readonly untrusted?: Readonly<Record<string, StoreOutagesSetup['make']>>;
  /** Cases that do not concern this store, each with the reason in words. */
  readonly skip?: Readonly<Partial<Record<OutageCaseId, string>>>;
}

/** What a case works with. */
export interface OutageScene {
  readonly setup: StoreOutagesSetup;
  readonly proxy: FaultyProxy;
  /** With time that passes by itself. */
  readonly services: FakeServices;
}

/**
 * What every store that talks to a server must hold when the server is out, in each of the ways a server can be: every
 * login is *deferred* inside the deadline, the store recovers by itself, and nothing is left open when it stops.
 */
export const describeStoreOutages = (runner: TestRunner, setup: StoreOutagesSetup): void => {
  runner.describe(`${setup.name}, when its server is out,`, () => {
    let room: ServerRoom;
    let upstream: Endpoint;
    runner.beforeAll(async () => {
      room = await ServerRoom.open();
      upstream = await setup.upstream();
    });
    runner.afterAll(() => room.close());

    for (const { id, title, run } of outageCases) {
      const reason = setup.skip?.[id];
      if (reason !== undefined) {
        skipped(runner, title, reason);
        continue;
      }
      runner.it(title, async () => {
        const proxy = await FaultyProxy.start(room, upstream);
        try {
          await run({ setup, proxy, services: fakeServices({ clock: new LiveClock() }) });
        } finally {
          await proxy.stop();
        }
      });
    }
  });
};
