import { setImmediate } from 'node:timers/promises';
import { Pool, type Lent, type PoolLimits, type Way } from '@postern/pool';
import { SteppableClock } from '@postern/testkit';
import { FakeConnection } from './fake-connection.js';
import { Login } from './login.js';

/** A connection that is being opened, until a test says how that ends. */
export interface Opening {
  readonly signal: AbortSignal;
  readonly succeed: (connection?: FakeConnection) => void;
  readonly fail: (cause?: Error) => void;
}

/** One who asked for a connection, and what became of it. */
export interface Asked {
  readonly login: Login;
  lent: Lent<FakeConnection> | undefined;
  error: Error | undefined;
}

/** A pool whose connections are opened by hand. */
export class Scene {
  readonly clock = new SteppableClock();
  readonly made: FakeConnection[] = [];
  readonly openings: Opening[] = [];
  readonly pool: Pool<FakeConnection>;

  constructor(limits: Partial<PoolLimits> = {}) {
    this.pool = new Pool({
      clock: this.clock,
      limits: { max: 2, together: 3, waiting: Infinity, idleMs: 1000, ageMs: 10_000, ...limits },
      open: (signal) =>
        new Promise((resolve, reject) => {
          const end = (how: () => void): void => {
            this.openings.splice(this.openings.indexOf(opening), 1);
            how();
          };
          const opening: Opening = {
            signal,
            succeed: (connection = new FakeConnection()) => end(() => (this.made.push(connection), resolve(connection))),
            fail: (cause = new Error('refused')) => end(() => reject(cause)),
          };
          this.openings.push(opening);
        }),
    });
  }

  /** Asks as users of a pool do, and hears at once what can be had at once. */
  ask(way: Way = 'alone', login = new Login()): Asked {
    const lent = this.pool.take(way);
    const asked: Asked = { login, lent, error: undefined };
    if (lent === undefined) {
      this.pool.acquire(login, way).then(
        (later) => (asked.lent = later),
        (error: unknown) => (asked.error = error as Error),
      );
    }
    return asked;
  }

  /** So many, each alone with an open connection. */
  async lend(count: number): Promise<readonly Lent<FakeConnection>[]> {
    const asked = Array.from({ length: count }, () => this.ask());
    await this.openAll();
    return asked.map(({ lent }) => lent!);
  }

  /** So many connections that lie idle. */
  async idle(count = 1): Promise<void> {
    for (const lent of await this.lend(count)) lent.giveBack();
  }

  /** Everything that is being opened succeeds, and so does what is opened then. */
  async openAll(): Promise<void> {
    for (await setImmediate(); this.openings.length > 0; await setImmediate()) this.openings[0]!.succeed();
  }

  /** The numbers of the connections, in the order in which they were opened. */
  on(asked: readonly Asked[]): readonly (number | undefined)[] {
    return asked.map(({ lent }) => (lent === undefined ? undefined : this.made.indexOf(lent.connection)));
  }
}

/** The turn of the event loop is over. */
export const nextTurn = (): Promise<void> => setImmediate();
