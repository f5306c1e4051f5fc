import { randomBytes } from 'node:crypto';

const processTag = randomBytes(4).toString('hex');
let last = 0;

/** An id that no other attempt of this process has; the tag tells the processes of a deployment apart in collected logs. */
export const attemptId = (): string => `${processTag}-${(last += 1).toString(36)}`;
