import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';

/** Half a second to a second of a core; Django writes 1000000 today. */
export const mostIterations = 2_000_000;

/** Computes on libuv's threads. */
export const derive = promisify(pbkdf2);
