import type { ListEdit } from './list-edit.js';
import type { Standing } from './standing.js';

/** Where its entry waits while it is not in the list. */
const shelf = ['migration', 'capture'] as const;

/** Takes the capture out of the list, and keeps what was said of it. */
export const captureOut = ({ capture }: Standing): readonly ListEdit[] =>
  capture?.capture === undefined
    ? []
    : [
        { op: 'set', path: shelf, value: capture.capture.entry },
        { op: 'remove', index: capture.index },
      ];

/**
 * Puts a capture into the list, the one from before where there was one: behind all other policies, so that it sees what the
 * stores said and not what a memory did. `placeOf`: where an entry of the list stands by then.
 */
export const captureIn = (
  { list, formerCapture }: Standing,
  from: string,
  into: string,
  placeOf = (index: number): number => index,
): readonly ListEdit[] => {
  const last = Math.max(-1, ...list.filter(({ role }) => role === 'policy').map(({ index }) => placeOf(index)));
  const value = formerCapture ?? { use: 'capture', with: { from, into, scheme: 'argon2id' } };
  return [{ op: 'insert', index: last + 1, value }, ...(formerCapture === undefined ? [] : [{ op: 'delete', path: shelf } as const])];
};
