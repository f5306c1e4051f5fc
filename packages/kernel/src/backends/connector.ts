import { connect } from 'node:net';

/** What becomes of a connection. `closed` comes once, at the end, whether it was ever opened or not. */
export interface ConnectionEvents {
  opened(): void;
  data(bytes: Uint8Array): void;
  closed(cause?: Error): void;
}

export interface Connection {
  /** Sends, then says that no more will come. */
  finish(bytes: string): void;
  /** Drops it at once. */
  destroy(): void;
}

/** Opens TCP connections; a fake in tests. */
export interface Connector {
  open(address: string, port: number, events: ConnectionEvents): Connection;
}

export const tcpConnector: Connector = {
  open: (address, port, events) => {
    let failure: Error | undefined;
    const socket = connect({ host: address, port, autoSelectFamily: false });
    // The gateway must be able to end while a check is under way.
    socket.unref();
    socket.on('connect', () => events.opened());
    socket.on('data', (bytes) => events.data(bytes));
    socket.on('error', (error) => (failure = error));
    socket.on('close', () => events.closed(failure));
    return { finish: (bytes) => socket.end(bytes), destroy: () => socket.destroy() };
  },
};
