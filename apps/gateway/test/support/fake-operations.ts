import type { BansReply, FlushRequest, ListedBan } from '../../src/operator/api-schemas.js';
import type { Flushed, Lifted, Operations } from '../../src/operator/operations.js';

/** Remembers what it was told. */
export class FakeOperations implements Operations {
  readonly flushes: FlushRequest[] = [];
  readonly lifts: string[] = [];
  readonly asked: number[] = [];
  readonly listed: ListedBan[] = [];
  lifted: Lifted = 'lifted';

  flush(request: FlushRequest): Flushed {
    this.flushes.push(request);
    if ('user' in request && request.user === '@') return { kind: 'malformed', why: 'the user is none that could log in' };
    return { kind: 'flushed', change: request };
  }

  bans(most: number): Promise<BansReply> {
    this.asked.push(most);
    return Promise.resolve({ bans: this.listed, unavailable: [] });
  }

  lift(id: string): Promise<Lifted> {
    this.lifts.push(id);
    return Promise.resolve(this.lifted);
  }
}
