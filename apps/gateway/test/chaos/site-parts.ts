import {
  FaultyProxy,
  Gateway,
  startDovecot,
  startNginx,
  startPostgres,
  startRedis,
  startSlapd,
  type DatabaseServer,
  type Dovecot,
  type Nginx,
  type RedisServer,
  type ServerRoom,
  type Slapd,
} from '@postern/testkit';
import { fileURLToPath } from 'node:url';
import { GatewayVictim } from './gateway-victim.js';
import type { Addresses } from './login.js';
import { customers, disabled, everybody, movers, partners, sharedKey, staff, type Person } from './people.js';
import { dovecotLife, nginxLife, postgresLife, redisLife, slapdLife } from './server-lives.js';
import { channel, siteConfigs, type SiteServers } from './site-config.js';
import { ServerVictim, type Victim } from './victim.js';

const script = fileURLToPath(new URL('../../bin/postern.js', import.meta.url));

const ldif = [
  'dn: ou=people,dc=example,dc=org\nobjectClass: organizationalUnit\nou: people\n',
  ...staff.map(({ user, password }) => {
    const uid = user.split('@')[0] ?? '';
    const entry = { objectClass: 'inetOrgPerson', uid, cn: uid, sn: uid, mail: user, userPassword: password };
    const lines = Object.entries(entry).map(([name, value]) => `${name}: ${value}\n`);
    return `dn: uid=${uid},ou=people,dc=example,dc=org\n${lines.join('')}`;
  }),
].join('\n');

const rows = [...customers, ...movers, disabled].map(
  ({ user, password, enabled, home }) => `('${user}', '{PLAIN}${password}', ${String(enabled)}, '${home ?? ''}')`,
);

const setup = `
create table users (email text primary key, password text not null, enabled boolean not null, host text not null);
insert into users values ${rows.join(', ')};
create function tell_postern() returns trigger language plpgsql as $$
begin
  perform pg_notify('${channel}', lower(old.email));
  return null;
end $$;
create trigger tell_postern after update or delete on users for each row execute function tell_postern();`;

export interface SiteOptions {
  readonly workers: number;
  /** What ended the gateway unasked. */
  readonly ended: (how: string) => void;
}

/** What a site is made of. */
export interface SiteParts {
  readonly room: ServerRoom;
  readonly gateway: Gateway;
  readonly nginx: Nginx;
  readonly victims: readonly Victim[];
  readonly addresses: Addresses;
  /** In the database, which tells of it. Rejects when it is out. */
  readonly changePassword: (person: Person, password: string) => Promise<void>;
  /** `HOST:PORT` of the operator's door. */
  readonly operator: string;
}

interface Backends {
  readonly slapd: Slapd;
  readonly postgres: DatabaseServer;
  readonly redis: RedisServer;
  readonly a: Dovecot;
  readonly b: Dovecot;
}

const startBackends = async (room: ServerRoom): Promise<Backends> => {
  const users = everybody.map(({ user, password }) => ({ name: user, password }));
  const mailServer = (name: string): Promise<Dovecot> => startDovecot(room, { name, protocols: ['imap', 'pop3'], users });
  const [slapd, postgres, redis, a, b] = await Promise.all([
    startSlapd(room, { name: 'slapd', ldif, log: 'none' }),
    startPostgres(room, { setup, settings: { log_statement: 'none' } }),
    startRedis(room),
    mailServer('mail-a'),
    mailServer('mail-b'),
  ]);
  return { slapd, postgres, redis, a, b };
};

interface Fronts extends SiteServers {
  readonly postgres: FaultyProxy;
}

const startFronts = async (room: ServerRoom, { slapd, postgres, redis, a, b }: Backends): Promise<Fronts> => {
  const front = (port: number): Promise<FaultyProxy> => FaultyProxy.start(room, { host: '127.0.0.1', port });
  const before = await front(postgres.port);
  return {
    slapd: await front(slapd.port),
    postgres: before,
    redis: await front(redis.port),
    mail: { 'mail-a': { server: a, proxy: await front(a.ports.imap) }, 'mail-b': { server: b, proxy: await front(b.ports.imap) } },
    databaseUrl: postgres.url.replace(`:${postgres.port}/`, `:${before.port}/`),
  };
};

const addressesOf = ({ mail }: SiteServers): Addresses =>
  new Map(
    (['mail-a', 'mail-b'] as const).flatMap((name) => {
      const { server, proxy } = mail[name];
      return [proxy.port, server.ports.pop3].map((port) => [`127.0.0.1:${port}`, name] as const);
    }),
  );

/** Starts everything in the room. */
export const buildSite = async (room: ServerRoom, { workers, ended }: SiteOptions): Promise<SiteParts> => {
  const servers = await startBackends(room);
  const fronts = await startFronts(room, servers);
  const redis = redisLife(servers.redis, partners);
  await redis.fill();
  const configs = await siteConfigs(fronts, workers);
  const gateway = await Gateway.start(room, { script, config: configs[0], env: { POSTERN_KEY: sharedKey } });
  const headers = { 'X-Auth-Key': sharedKey };
  const nginx = await startNginx(room, { authHttp: gateway.door, headers, listeners: [{ protocol: 'imap' }] });
  const victims = [
    new ServerVictim('slapd', slapdLife(room, servers.slapd), fronts.slapd),
    new ServerVictim('postgres', postgresLife(room, servers.postgres), fronts.postgres),
    new ServerVictim('redis', redis, fronts.redis),
    new ServerVictim('mail-a', dovecotLife(room, servers.a), fronts.mail['mail-a'].proxy),
    new ServerVictim('mail-b', dovecotLife(room, servers.b), fronts.mail['mail-b'].proxy),
    new ServerVictim('nginx', nginxLife(room, nginx)),
    new GatewayVictim({ gateway, configs, workers: workers > 1, ended }),
  ];
  // What is frozen cannot be stopped.
  room.onClose(async () => {
    for (const victim of victims) victim.thaw();
  });
  const changePassword = async ({ user }: Person, password: string): Promise<void> => {
    await servers.postgres.sql(`update users set password = '{PLAIN}${password}' where email = '${user}'`);
  };
  return { room, gateway, nginx, victims, changePassword, addresses: addressesOf(fronts), operator: configs[0].operator.listen };
};
