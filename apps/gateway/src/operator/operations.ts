import type { Change } from '@postern/contract';
import type { BansReply, FlushRequest } from './api-schemas.js';

export type Flushed = { readonly kind: 'flushed'; readonly change: Change } | { readonly kind: 'malformed'; readonly why: string };

/** `unavailable`: the policy could not tell whether there is such a ban. */
export type Lifted = 'lifted' | 'unknown' | 'unavailable';

/** What an operator may do to a gateway that runs. None of it rejects. */
export interface Operations {
  /** Tells every instance of the whole deployment that what it remembers of them may no longer be true. */
  flush(request: FlushRequest): Flushed;
  bans(most: number): Promise<BansReply>;
  /** `id` as `bans` lists it. */
  lift(id: string): Promise<Lifted>;
}
