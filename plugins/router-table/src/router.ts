import type { Account, BackendRouter, Backends, Health, Lifecycle, LoginAttempt, Routing, Template } from '@postern/contract';
import { quote } from './load-table.js';
import type { TableSource } from './sources/source.js';
import { tableKey } from './table-key.js';
import { targetOf } from './target.js';

/** Finds an account's backend in a table: the first key that has a row decides. */
export class TableRouter implements BackendRouter, Lifecycle {
  readonly #keys: readonly Template[];
  readonly #source: TableSource;
  readonly #backends: Backends;

  constructor(keys: readonly Template[], source: TableSource, backends: Backends) {
    this.#keys = keys;
    this.#source = source;
    this.#backends = backends;
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#source.start?.(signal);
  }

  async locate(account: Account, attempt: LoginAttempt, signal: AbortSignal): Promise<Routing> {
    try {
      const value = await this.#source.lookup(this.#rendered(account, attempt), account, signal);
      return value === undefined ? { kind: 'homeless' } : this.#at(value);
    } catch (cause) {
      return { kind: 'deferred', cause };
    }
  }

  async health(signal: AbortSignal): Promise<Health> {
    return (await this.#source.health?.(signal)) ?? { status: 'up' };
  }

  async stop(signal: AbortSignal): Promise<void> {
    await this.#source.stop?.(signal);
  }

  #rendered(account: Account, attempt: LoginAttempt): string[] {
    const keys: string[] = [];
    for (const template of this.#keys) {
      const key = template.render(attempt, account);
      if (key !== undefined && key !== '') keys.push(tableKey(key));
    }
    return keys;
  }

  /** A value that means nothing is no reason to look elsewhere: the account has a home, and nobody can tell which. */
  #at(value: string): Routing {
    const target = targetOf(value, this.#backends);
    if (target !== undefined) return { kind: 'placed', backends: [target] };
    return { kind: 'deferred', cause: new Error(faultOf(value)) };
  }
}

export const faultOf = (value: string): string => `${quote(value)} is neither a declared backend nor host[:port]`;
