import type { Socket } from 'node:net';
import type { Clock } from '@postern/contract';

/** Says `bytes` to a peer whose request is not read, drains what it sends for `lingerMs` milliseconds at most, and hangs up. */
export const turnAway = (socket: Socket, bytes: Buffer, clock: Clock, lingerMs: number): void => {
  const cancel = clock.after(lingerMs, () => socket.destroy());
  socket.on('error', () => undefined);
  socket.on('close', cancel);
  socket.end(bytes);
  socket.resume();
};
