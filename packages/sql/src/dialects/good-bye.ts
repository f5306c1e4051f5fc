import type { Socket } from 'node:net';

/** Milliseconds after which a server that does not hear the good-bye is cut off. */
const patienceMs = 200;

/** Calls `say` and resolves when the socket is closed; never rejects. */
export const goodBye = async (socket: Socket, say: () => void): Promise<void> => {
  const gone = new Promise<void>((resolve) => (socket.closed ? resolve() : void socket.once('close', () => resolve())));
  say();
  const insist = setTimeout(() => socket.destroy(), patienceMs);
  await gone;
  clearTimeout(insist);
};
