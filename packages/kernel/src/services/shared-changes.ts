import type { Change, Changes, Log, SharedState } from '@postern/contract';

const topic = 'changes';

/** What is published when any number of changes may have been missed. */
export const everythingChanged = { topic, message: JSON.stringify({ all: true } satisfies Change) } as const;

/** Changes to accounts, told to every process of the deployment through its shared state. */
export class SharedChanges implements Changes {
  readonly #state: Pick<SharedState, 'publish' | 'subscribe'>;
  readonly #log: Log;

  /** `state`: not that of an instance, since everybody is to hear. */
  constructor(state: Pick<SharedState, 'publish' | 'subscribe'>, log: Log) {
    this.#state = state;
    this.#log = log;
  }

  announce(change: Change): void {
    this.#publish(JSON.stringify(change)).catch((cause: unknown) => this.#log.error('a change could not be told to everybody', { cause }));
  }

  follow(hear: (change: Change) => void): () => void {
    return this.#state.subscribe(topic, (message) => {
      const change = changeOf(message);
      if (change === undefined) this.#log.warn('an announced change cannot be read; is every gateway of the same version?');
      else hear(change);
    });
  }

  async #publish(message: string): Promise<void> {
    await this.#state.publish(topic, message);
  }
}

/** Another process may be of another version. */
const changeOf = (message: string): Change | undefined => {
  let said: unknown;
  try {
    said = JSON.parse(message);
  } catch {
    return undefined;
  }
  if (typeof said !== 'object' || said === null) return undefined;
  if ('user' in said && typeof said.user === 'string') return { user: said.user };
  if ('domain' in said && typeof said.domain === 'string') return { domain: said.domain };
  return 'all' in said && said.all === true ? { all: true } : undefined;
};
