import type { Worker } from 'node:cluster';
import type { Channel, Packet } from './line.js';

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

/** A worker's end. */
export const channelToPrimary = (self: NodeJS.Process): Channel => ({
  send: (packet: Packet) => {
    if (!self.connected || self.send === undefined) return false;
    self.send(packet, undefined, undefined, (): void => undefined);
    return true;
  },
  onPacket: (take) => void self.on('message', (message: unknown) => (isPacket(message) ? take(message) : undefined)),
});
