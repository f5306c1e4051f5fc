import { readFile } from 'node:fs/promises';
import { checkServerIdentity, type PeerCertificate, type SecureVersion } from 'node:tls';
import type { FilePath } from '@postern/contract';

/** The config's `tls`, parsed. */
export interface TlsConfig {
  readonly ca?: FilePath | undefined;
  readonly cert?: FilePath | undefined;
  readonly key?: FilePath | undefined;
  readonly serverName?: string | undefined;
  readonly minVersion: SecureVersion;
}

/** What `node:tls` is given. The server's certificate is always verified. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly minVersion: SecureVersion;
  readonly rejectUnauthorized: true;
  /** The name that the certificate must be for. */
  readonly name: string;
  readonly checkServerIdentity: (host: string, certificate: PeerCertificate) => Error | undefined;
}

/** Reads the files; they are read again for each new connection, so that a renewed certificate needs no restart. */
export const tlsMaterial = async (config: TlsConfig, host: string): Promise<TlsMaterial> => {
  const read = async (path: FilePath | undefined): Promise<string | undefined> =>
    path === undefined ? undefined : await readFile(path.absolute, 'utf8');
  const [ca, cert, key] = await Promise.all([read(config.ca), read(config.cert), read(config.key)]);
  const name = config.serverName ?? host;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    minVersion: config.minVersion,
    rejectUnauthorized: true,
    name,
    // Not the name that a driver hands over: for an IP address that may be `localhost`.
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
  };
};
