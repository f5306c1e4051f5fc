import { readFile } from 'node:fs/promises';
import type { FilePath } from '@postern/contract';
import type { LdapConfig } from './config.js';
import type { TlsSettings } from './directory-types.js';

/** Reads what connections need, anew for each: a renewed certificate is used without a restart. */
export const readTls = async ({ ca, cert, key, serverName, minVersion }: LdapConfig['tls']): Promise<TlsSettings> => ({
  ca: await textOf(ca),
  cert: await textOf(cert),
  key: await textOf(key),
  serverName,
  minVersion,
});

const textOf = async (file: FilePath | undefined): Promise<string | undefined> =>
  file === undefined ? undefined : readFile(file.absolute, 'utf8');
