import type { Clock } from '@postern/contract';
import { Unanswered, type Line } from './line.js';

/** Milliseconds between two looks, and that one answer may take. */
const beatMs = 5000;
/** In a row. More than one: a host that was suspended has made every answer late. */
const mostMissed = 3;

/**
 * Calls `hung` once when the other process is there and does nothing: it holds the connections it has accepted, and its clients wait. Any
 * answer is a sign of life, a fault too. The returned function ends the watch.
 */
export const watchOver = (line: Pick<Line, 'ask'>, clock: Pick<Clock, 'after'>, hung: () => void): (() => void) => {
  let ended = false;
  let callOff = (): void => undefined;
  const look = async (missed: number): Promise<void> => {
    const silent = await line.ask('alive', null, beatMs).then(
      () => false,
      (error: unknown) => error instanceof Unanswered,
    );
    if (ended) return;
    if (silent && missed + 1 >= mostMissed) hung();
    else plan(silent ? missed + 1 : 0);
  };
  const plan = (missed: number): void => {
    callOff = clock.after(beatMs, () => void look(missed));
  };
  plan(0);
  return () => {
    ended = true;
    callOff();
  };
};
