import { isIP } from 'node:net';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import type { ServerAddress, TlsSettings } from '../directory-types.js';

export const tlsOptions = ({ host }: ServerAddress, { ca, cert, key, serverName, minVersion }: TlsSettings): ConnectionOptions => {
  const name = serverName ?? host;
  return {
    ...(isIP(name) === 0 ? { servername: name } : {}),
    // Told nothing, StartTLS would look for the name `localhost`; and a name of one's own must not become the host to connect to.
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
    minVersion,
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
};
