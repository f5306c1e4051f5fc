import { freePort, type Dovecot, type FaultyProxy, type GatewayConfig } from '@postern/testkit';

/** What the gateway is told to use; it reaches each of them through its proxy. */
export interface SiteServers {
  readonly databaseUrl: string;
  readonly slapd: FaultyProxy;
  readonly redis: FaultyProxy;
  readonly mail: Readonly<Record<'mail-a' | 'mail-b', { readonly server: Dovecot; readonly proxy: FaultyProxy }>>;
}

export interface SiteConfig extends GatewayConfig {
  readonly operator: { readonly listen: string };
  readonly plugins: readonly object[];
}

/** `nginx.deadline`, in milliseconds. */
export const deadlineMs = 2000;

/** The channel on which the database tells of changes. */
export const channel = 'postern';

/** The Redis key that says where a mailbox is. */
export const homeKey = (user: string): string => `home:${user}`;

/** It only watches: limits would hide what the stores say. */
const throttle = { use: 'throttle', with: { mode: 'log' } };
const cache = { use: 'cache', with: { ttl: '1s', negativeTtl: '1s' } };

const stores = ({ databaseUrl, slapd, mail }: SiteServers): readonly object[] => [
  {
    use: 'ldap',
    with: {
      ...{ url: `ldap://127.0.0.1:${slapd.port}`, base: 'ou=people,dc=example,dc=org', filter: '(mail={user})' },
      ...{ pool: { search: 3, bind: 3 }, timeout: '800ms', connectTimeout: '500ms' },
    },
  },
  {
    use: 'sql',
    with: {
      ...{ url: databaseUrl, query: 'select password, enabled, host from users where email = {user}', allowWeak: ['PLAIN'] },
      ...{ pool: { max: 4 }, timeout: '800ms', connectTimeout: '500ms', changes: { channel } },
    },
  },
  {
    use: 'imap',
    when: { domain: 'partners.example.org' },
    with: { server: `imap://127.0.0.1:${mail['mail-a'].proxy.port}`, timeout: '900ms' },
  },
];

const routers: readonly object[] = [
  { use: 'table', as: 'rows', with: { attribute: 'host' } },
  { use: 'table', as: 'keys', when: { domain: 'partners.example.org' }, with: { keys: ['{user}'], redis: { key: homeKey('{key}') } } },
  { use: 'hash', with: { over: ['mail-a', 'mail-b'] } },
];

const backend = ({ mail }: SiteServers, name: 'mail-a' | 'mail-b'): object => {
  const { server, proxy } = mail[name];
  return { host: '127.0.0.1', imap: proxy.port, pop3: server.ports.pop3 };
};

/** The same gateway without and with the cache. */
export const siteConfigs = async (servers: SiteServers, workers: number): Promise<readonly [SiteConfig, SiteConfig]> => {
  const common = {
    listen: `127.0.0.1:${await freePort()}`,
    operator: { listen: `127.0.0.1:${await freePort()}` },
    ...(workers > 1 ? { workers } : {}),
    nginx: { key: { env: 'POSTERN_KEY' }, deadline: `${deadlineMs}ms`, attempts: { cap: 1 } },
    redis: { url: `redis://127.0.0.1:${servers.redis.port}` },
    health: { every: '250ms', timeout: '1s', rise: 1, fall: 2 },
    backends: { 'mail-a': backend(servers, 'mail-a'), 'mail-b': backend(servers, 'mail-b') },
  };
  const configOf = (policies: readonly object[]): SiteConfig => ({ ...common, plugins: [...policies, ...stores(servers), ...routers] });
  return [configOf([throttle]), configOf([throttle, cache])];
};
