import type { Protocol } from '@postern/contract';

/** One header line. Characters are bytes (latin1); the name as it was sent, the value without blanks at its edges. */
export type HeaderField = readonly [name: string, value: string];

/** Bytes a request head may have. nginx with default buffers was seen to send 18,212; client certificates add up to 8 KiB. */
export const maxHeadBytes = 131_072;

/** A request's first line and headers. There is never a body. */
export interface RequestHead {
  readonly method: string;
  /** As sent; nginx sends `?x=1` without a slash where `auth_http` has no path (rule 11). */
  readonly target: string;
  readonly headers: readonly HeaderField[];
}

export type HeadReading =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'complete'; readonly head: RequestHead }
  /** `why` is a fixed text without any received byte. `protocol`: found in what there is, so that the denial has the right words. */
  | { readonly kind: 'malformed'; readonly why: string; readonly protocol?: Protocol };
