import type { Worker } from 'node:cluster';
import type { Channel, Packet } from './line.js';
import type { WorkerEnd } from './seat.js';

/** Node's own messages between cluster processes never come here: they are no `message` events. */
const isPacket = (message: unknown): boolean => typeof message === 'object' && message !== null && 'kind' in message;

/** The primary's end of the channel to a worker. */
export const channelTo = (worker: Worker): Channel => ({
  send: (packet: Packet) => {
    if (!worker.isConnected()) return false;
    worker.send(packet, (): void => undefined);
    return true;
  },
  onPacket: (take) => void worker.on('message', (message: unknown) => (isPacket(message) ? take(message) : undefined)),
});

/** How a worker ended. Of a process that could not be made there is an error and never an exit. */
export const endOf = (
  worker: Pick<Worker, 'on' | 'once'> & { readonly process: { readonly pid?: number | undefined } },
): Promise<WorkerEnd> =>
  new Promise((resolve) => {
    worker.once('exit', (code: number | null, signal: string | null) => resolve({ code, signal }));
    worker.on('error', () => {
      if (worker.process.pid === undefined) resolve({ code: null, signal: null });
    });
  });

/** A worker's end. */
export const channelToPrimary = (self: NodeJS.Process): Channel => ({
  send: (packet: Packet) => {
    if (!self.connected || self.send === undefined) return false;
    self.send(packet, undefined, undefined, (): void => undefined);
    return true;
  },
  onPacket: (take) => void self.on('message', (message: unknown) => (isPacket(message) ? take(message) : undefined)),
});
