import { Socket } from 'node:net';
import type { Host } from '../database-url.js';
import type { TlsConfig } from '../tls.js';

/** What a driver needs to open one connection to a server. */
export interface ServerOptions {
  readonly host: Host;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Milliseconds that the server is told to give a statement. */
  readonly timeoutMs: number;
  readonly prepare: boolean;
  /** Absent: clear text. */
  readonly tls?: TlsConfig;
}

/** Looks at bytes before the driver does; throws at what the driver must not see. */
export type Inspector = (bytes: Uint8Array) => void;

/**
 * A socket whose reader cannot bring the process down: drivers parse in a `data` listener, and what their parsers throw
 * at bytes of another protocol would otherwise be nobody's to catch.
 */
export const guardedSocket = (inspect?: Inspector): Socket => guard(new Socket(), inspect);

export const guard = <S extends Socket>(socket: S, inspect: Inspector = () => undefined): S => {
  const emit = socket.emit.bind(socket) as (event: string | symbol, ...args: unknown[]) => boolean;
  socket.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    if (event !== 'data') return emit(event, ...args);
    try {
      inspect(args[0] as Uint8Array);
      return emit(event, ...args);
    } catch {
      socket.destroy(new Error('the server says what nobody understands'));
      return true;
    }
  };
  return socket;
};
