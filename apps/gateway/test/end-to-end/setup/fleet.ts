import {
  Conversation,
  freePort,
  Gateway,
  ServerRoom,
  startNginx,
  startRedis,
  TinyBackend,
  type GatewayConfig,
  type Nginx,
  type ServerProcess,
} from '@postern/testkit';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ask, header } from '../../support/ask.js';
import { sharedKey, type Person } from './people.js';
import { doorTls, shimPlace, startShim, type ShimPlace } from './shim.js';
import { runSqlite, sqliteFile } from './sqlite-file.js';

const script = fileURLToPath(new URL('../../../bin/postern.js', import.meta.url));

/** One gateway of several. */
export interface Member {
  readonly name: string;
  readonly gateway: Gateway;
  readonly config: GatewayConfig;
  /** `HOST:PORT`. */
  readonly operator: string;
  readonly proxy: string;
}

/** Enough for all: as many as there are wrong passwords that a suite tries. */
export const people: readonly Person[] = Array.from({ length: 20 }, (_, n) => ({
  user: `user${n}@example.org`,
  password: `canary-user${n}`,
}));

const rows = people.map(({ user, password }) => `('${user}', '{PLAIN}${password}')`).join(', ');
const setup = `create table users (email text primary key, password text not null); insert into users values ${rows};`;

/** So many different wrong passwords for one user. */
export const tries = 20;

const plugins = (database: string): readonly object[] => [
  { use: 'throttle', with: { user: { tries }, network: { tries: 1000 } } },
  { use: 'cache', with: { ttl: '1h' } },
  { use: 'sql', with: { url: `sqlite:${database}`, query: 'select password from users where email = {user}', allowWeak: ['PLAIN'] } },
  { use: 'domain', with: { routes: { 'example.org': 'mail' } } },
];

/** Starts what the gateways share, and answers the section `redis` of their configs. */
export type StartShared = (room: ServerRoom) => Promise<object>;

const oneRedis: StartShared = async (room) => ({ url: (await startRedis(room)).url });

interface Common {
  readonly room: ServerRoom;
  readonly redis: object;
  readonly mail: TinyBackend;
  readonly database: string;
  readonly place: ShimPlace;
}

const startMember = async ({ room, redis, mail, database, place }: Common, name: string): Promise<Member> => {
  const [door, operator, proxy] = await Promise.all([freePort(), freePort(), freePort()]);
  const config = {
    listen: `127.0.0.1:${door}`,
    operator: { listen: `127.0.0.1:${operator}` },
    proxy: { listen: `127.0.0.1:${proxy}`, tls: doorTls(place) },
    nginx: { key: { env: 'POSTERN_KEY' }, attempts: { cap: 1 } },
    redis,
    health: 'off',
    backends: { mail: { host: mail.host, imap: mail.port } },
    plugins: plugins(database),
  };
  const gateway = await Gateway.start(room, { script, name, config, env: { POSTERN_KEY: sharedKey } });
  return { name, gateway, config, operator: `127.0.0.1:${operator}`, proxy: `127.0.0.1:${proxy}` };
};

/** Gateways that share their state, an nginx http{} shim in front of their Express doors, and nginx's mail proxy in front of that. */
export class Fleet {
  readonly members: readonly Member[];
  readonly #common: Common;
  readonly #shimPort: number;
  readonly #nginx: Nginx;
  readonly #shim: ServerProcess;

  private constructor(
    common: Common,
    members: readonly Member[],
    shim: { readonly port: number; readonly process: ServerProcess },
    nginx: Nginx,
  ) {
    this.#common = common;
    this.members = members;
    this.#shimPort = shim.port;
    this.#shim = shim.process;
    this.#nginx = nginx;
  }

  static async open(names: readonly string[], startShared = oneRedis): Promise<Fleet> {
    const room = await ServerRoom.open();
    try {
      const [redis, mail, place] = await Promise.all([
        startShared(room),
        TinyBackend.start(room, { protocol: 'imap', name: 'mail' }),
        shimPlace(room),
      ]);
      const common = { room, redis, mail, place, database: await sqliteFile(room, 'people.db', setup) };
      const members = await Promise.all(names.map((name) => startMember(common, name)));
      const port = await freePort();
      const shim = await startShim(
        room,
        port,
        members.map(({ proxy }) => proxy),
        place,
      );
      const authHttp = { host: '127.0.0.1', port };
      const nginx = await startNginx(room, { authHttp, headers: { 'X-Auth-Key': sharedKey }, listeners: [{ protocol: 'imap' }] });
      return new Fleet(common, members, { port, process: shim }, nginx);
    } catch (error) {
      await room.close();
      throw error;
    }
  }

  /** `Auth-Status` as the shim has it from one of them; 'nothing' when there is none. */
  async status(person: Person, clientIp = '192.0.2.7'): Promise<string> {
    return this.#statusAt(`127.0.0.1:${this.#shimPort}`, person, clientIp);
  }

  /** The same, asked of one of them at its own nginx door. */
  async statusOf({ config }: Member, person: Person): Promise<string> {
    return this.#statusAt(config.listen, person, '192.0.2.7');
  }

  /** As a mail program hears it, through nginx's mail proxy. */
  async imap({ user, password }: Person): Promise<string> {
    const client = await Conversation.open(this.#nginx.endpoint('imap'));
    await client.line();
    try {
      return await client.ask(`a LOGIN ${user} ${password}`);
    } finally {
      client.close();
    }
  }

  /** Logins that one of them has answered since it started. */
  async answered({ operator }: Member): Promise<number> {
    const text = await (await fetch(`http://${operator}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith('postern_attempts_total'));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  /** Waits until logins come to it again: nginx leaves out for a while whom it could not reach. */
  async untilAsked(member: Member): Promise<void> {
    const before = await this.answered(member);
    while ((await this.answered(member)) === before) await pause(20);
  }

  async flush({ operator }: Member, what: object): Promise<number> {
    const request = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(what) };
    return (await fetch(`http://${operator}/api/v1/cache/flush`, request)).status;
  }

  changePassword({ user }: Person, password: string): void {
    runSqlite(this.#common.database, `update users set password = '{PLAIN}${password}' where email = '${user}'`);
  }

  /** Waits until the shim finds, from now on, that one of them is not there. */
  async untilMissed({ proxy }: Member): Promise<void> {
    await this.#shim.untilOutput(new RegExp(`connect\\(\\) failed[^\\n]*${proxy.replaceAll('.', '\\.')}`), this.#shim.output().length);
  }

  close(): Promise<void> {
    return this.#common.room.close();
  }

  async #statusAt(address: string, person: Person, clientIp: string): Promise<string> {
    const reply = await ask(address, { ...person, key: sharedKey, clientIp });
    return header(reply, 'Auth-Status') ?? `nothing: ${reply.slice(0, 80)}`;
  }
}
