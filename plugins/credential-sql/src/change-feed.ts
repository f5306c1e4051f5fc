import type { Channel } from '@postern/sql';
import type { ChangeTeller } from './change-teller.js';

/** What the database tells of changes, handed on. */
export class ChangeFeed {
  readonly #channel: Pick<Channel, 'start' | 'stop' | 'trouble'>;
  readonly #teller: Pick<ChangeTeller, 'stop'>;

  constructor(channel: Pick<Channel, 'start' | 'stop' | 'trouble'>, teller: Pick<ChangeTeller, 'stop'>) {
    this.#channel = channel;
    this.#teller = teller;
  }

  /** Why nothing is heard now, for the operator. */
  get trouble(): string | undefined {
    const { trouble } = this.#channel;
    return trouble === undefined ? undefined : `changes are not heard: ${trouble}`;
  }

  /** Never rejects: logins do not depend on it. */
  start(): Promise<void> {
    return this.#channel.start();
  }

  async stop(): Promise<void> {
    await this.#channel.stop();
    this.#teller.stop();
  }
}
