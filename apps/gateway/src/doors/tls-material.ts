import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { DoorError } from './door-error.js';

/** PEM texts. The files behind them are the caller's to read. */
export interface TlsMaterial {
  /** The certificate and what links it to its root. */
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  /** With it, only clients with a certificate of this authority get past the handshake. */
  readonly clientCa?: string | Buffer;
}

/** Options for a server and for `setSecureContext`. Throws a `DoorError` when certificate and key cannot be used. */
export const secureContext = ({ cert, key, clientCa }: TlsMaterial): SecureContextOptions => {
  // Without an own list, Node would take a client certificate of any public authority.
  const options: SecureContextOptions = { cert, key, minVersion: 'TLSv1.2', ...(clientCa === undefined ? {} : { ca: clientCa }) };
  try {
    createSecureContext(options);
  } catch (cause) {
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
    throw new DoorError('bad-tls', `the TLS certificate and key cannot be used (${code})`, 'Both must be PEM and belong together.', cause);
  }
  return options;
};
