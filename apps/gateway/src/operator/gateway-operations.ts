import { splitUser, type Bans, type Change, type Changes, type Clock, type Log } from '@postern/contract';
import type { Generation } from '@postern/kernel';
import { banSchema, type BansReply, type FlushRequest, type ListedBan } from './api-schemas.js';
import type { Flushed, Lifted, Operations } from './operations.js';

export interface GatewayOperationsParts {
  /** The one that answers now. */
  readonly generation: () => Pick<Generation, 'bans' | 'canonical'>;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly log: Log;
}

/** Milliseconds that one policy gets to answer the operator. */
const patienceMs = 5000;

/** Does what the operator asks for, through the generation that answers now. */
export class GatewayOperations implements Operations {
  readonly #parts: GatewayOperationsParts;

  constructor(parts: GatewayOperationsParts) {
    this.#parts = parts;
  }

  flush(request: FlushRequest): Flushed {
    const change = this.#changeOf(request);
    if (typeof change === 'string') return { kind: 'malformed', why: change };
    this.#parts.changes.announce(change);
    return { kind: 'flushed', change };
  }

  async bans(most: number): Promise<BansReply> {
    const lists = await Promise.all([...this.#parts.generation().bans].map(([instance, bans]) => this.#listOf(instance, bans, most)));
    const known = lists.flatMap((list) => (typeof list === 'string' ? [] : list));
    return {
      bans: known.sort((one, other) => other.since - one.since).slice(0, most),
      unavailable: lists.filter((list) => typeof list === 'string'),
    };
  }

  async lift(id: string): Promise<Lifted> {
    // Names of instances may hold dots, ids of bans may not.
    const dot = id.lastIndexOf('.');
    const instance = id.slice(0, dot);
    const bans = this.#parts.generation().bans.get(instance);
    if (dot < 0 || bans === undefined) return 'unknown';
    try {
      return (await this.#inTime(async () => bans.lift(id.slice(dot + 1)))) ? 'lifted' : 'unknown';
    } catch (cause) {
      this.#parts.log.error('a policy cannot lift a ban', { instance, cause });
      return 'unavailable';
    }
  }

  /** A text says what is wrong. */
  #changeOf(request: FlushRequest): Change | string {
    if ('all' in request) return request;
    const typed = 'user' in request ? request.user : `somebody@${request.domain}`;
    if ('domain' in request && request.domain.includes('@')) return 'the domain holds an @';
    const named = this.#parts.generation().canonical(typed);
    if (named.kind === 'malformed') return `the ${'user' in request ? 'user' : 'domain'} is none that could log in: ${named.why}`;
    return 'user' in request ? { user: named.user } : { domain: splitUser(named.user).domain };
  }

  /** The instance's name when it cannot tell. */
  async #listOf(instance: string, bans: Bans, most: number): Promise<readonly ListedBan[] | string> {
    try {
      const list: readonly object[] = await this.#inTime(async () => bans.list(most));
      return list.map((ban) => banSchema.parse({ ...ban, id: `${instance}.${'id' in ban ? String(ban.id) : ''}`, instance }));
    } catch (cause) {
      this.#parts.log.error('a policy cannot list its bans', { instance, cause });
      return instance;
    }
  }

  #inTime<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const callOff = this.#parts.clock.after(patienceMs, () => reject(new Error(`no answer within ${patienceMs} ms`)));
      work().then(resolve, reject).finally(callOff);
    });
  }
}
