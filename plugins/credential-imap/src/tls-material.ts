import { readFile } from 'node:fs/promises';
import type { SecureVersion } from 'node:tls';
import type { FilePath } from '@postern/contract';
import type { ImapConfig } from './config.js';

/** What `node:tls` is given; the certificate must be for `name`. */
export interface TlsMaterial {
  readonly name: string;
  readonly minVersion: SecureVersion;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Reads what a connection to `host` needs, anew for each: a renewed certificate is used without a restart. */
export const tlsMaterial = async (tls: ImapConfig['tls'], host: string): Promise<TlsMaterial> => {
  const [ca, cert, key] = await Promise.all([textOf(tls?.ca), textOf(tls?.cert), textOf(tls?.key)]);
  return {
    name: tls?.serverName ?? host,
    minVersion: tls?.minVersion ?? 'TLSv1.2',
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
};

const textOf = async (file: FilePath | undefined): Promise<string | undefined> =>
  file === undefined ? undefined : readFile(file.absolute, 'utf8');
