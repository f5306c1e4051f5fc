import { readFileSync } from 'node:fs';
import type { FilePath } from '@postern/contract';
import type { RedisConfig } from '@postern/kernel';
import type { Address, RedisSettings, TlsMaterial, Topology } from '@postern/redis-state';

const redisPort = 6379;
const sentinelPort = 26_379;

/** The config's `redis`, revealed. Throws when a TLS file cannot be read. */
export const redisSettings = (config: RedisConfig): RedisSettings => {
  const server = config.url?.address;
  const username = config.username?.reveal() ?? server?.username;
  const password = config.password?.reveal() ?? server?.password;
  const tls = tlsOf(config);
  return {
    topology: topologyOf(config),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
    prefix: config.prefix,
    timeoutMs: config.timeout,
  };
};

const topologyOf = ({ url, sentinels, name, sentinelPassword, cluster }: RedisConfig): Topology => {
  if (sentinels !== undefined && name !== undefined) {
    const password = sentinelPassword?.reveal();
    return { kind: 'sentinel', sentinels: addresses(sentinels, sentinelPort), name, ...(password === undefined ? {} : { password }) };
  }
  if (cluster !== undefined) return { kind: 'cluster', nodes: addresses(cluster, redisPort) };
  if (url === undefined) throw new Error('the config says nowhere where Redis is');
  return { kind: 'single', server: url.address.server, database: url.address.database };
};

const addresses = (list: readonly { readonly host: string; readonly port?: number }[], port: number): readonly Address[] =>
  list.map((one) => ({ host: one.host, port: one.port ?? port }));

const tlsOf = ({ tls, url }: RedisConfig): TlsMaterial | undefined => {
  if (tls === undefined || tls === true) return tls === true || url?.address.tls === true ? {} : undefined;
  if (tls === false) return undefined;
  const read = (name: 'ca' | 'cert' | 'key', path: FilePath | undefined): Partial<TlsMaterial> =>
    path === undefined ? {} : { [name]: readFileSync(path.absolute, 'utf8') };
  const { ca, cert, key, serverName } = tls;
  return { ...read('ca', ca), ...read('cert', cert), ...read('key', key), ...(serverName === undefined ? {} : { servername: serverName }) };
};
