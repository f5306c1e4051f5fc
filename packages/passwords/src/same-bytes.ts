import { timingSafeEqual } from 'node:crypto';

/**
 * Equality that takes the same time wherever the first difference lies. The length may show: of a clear-text password it
 * says next to nothing, and digests have one length.
 */
export const sameBytes = (one: Uint8Array, other: Uint8Array): boolean => one.length === other.length && timingSafeEqual(one, other);
