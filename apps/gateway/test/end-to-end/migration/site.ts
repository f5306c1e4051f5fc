import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import {
  Conversation,
  freePort,
  Gateway,
  requireProgram,
  ServerRoom,
  slapdManager,
  startDovecot,
  startNginx,
  startPostgres,
  startSlapd,
  type DatabaseServer,
  type Dovecot,
  type GatewayConfig,
  type Nginx,
  type Slapd,
} from '@postern/testkit';
import { sharedKey } from '../setup/people.js';
import { denied, letIn, temporary } from '../setup/words.js';
import type { LogIn, Told } from './crowd.js';
import { directory, dnOf, peopleBase, reader, ssha, table, type Resident } from './town.js';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../../bin/postern.js', import.meta.url));

export type Section = Readonly<Record<string, unknown>>;

/** What a command of the gateway's said. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A directory, a database, two mail servers, nginx and the gateway. Closing the room leaves nothing. */
export class Site {
  readonly room: ServerRoom;
  readonly slapd: Slapd;
  readonly postgres: DatabaseServer;
  readonly nginx: Nginx;
  readonly gateway: Gateway;

  private constructor(parts: Pick<Site, 'room' | 'slapd' | 'postgres' | 'nginx' | 'gateway'>) {
    ({ room: this.room, slapd: this.slapd, postgres: this.postgres, nginx: this.nginx, gateway: this.gateway } = parts);
  }

  static async open(town: readonly Resident[], plugins: (stores: Stores) => readonly Section[]): Promise<Site> {
    const room = await ServerRoom.open();
    try {
      const [slapd, postgres, a, b] = await Promise.all([
        startSlapd(room, { name: 'slapd', ...directory(town), log: 'none' }),
        startPostgres(room, { setup: table(town), settings: { log_statement: 'none' } }),
        mailServer(room, 'mail-a', town),
        mailServer(room, 'mail-b', town),
      ]);
      const config: GatewayConfig = {
        listen: `127.0.0.1:${await freePort()}`,
        operator: { listen: `127.0.0.1:${await freePort()}` },
        nginx: { key: sharedKey, attempts: { cap: 1 } },
        backends: Object.fromEntries([a, b].map(({ name, host, ports }) => [name, { host, imap: ports.imap }])),
        migration: {
          ledger: postgres.url,
          exit: { observeFor: '0s', minCompared: town.length / 2, mismatches: '5%', captured: '98%', stableFor: '0s', dormantAfter: '1h' },
        },
        plugins: plugins({ slapd, postgres }),
      };
      const gateway = await Gateway.start(room, { script, config });
      const nginx = await startNginx(room, {
        authHttp: gateway.door,
        headers: { 'X-Auth-Key': sharedKey },
        listeners: [{ protocol: 'imap' }],
      });
      return new Site({ room, slapd, postgres, nginx, gateway });
    } catch (error) {
      await room.close();
      throw error;
    }
  }

  /** As a mail program does it. */
  readonly logIn: LogIn = async ({ user, password, look }) => {
    const client = await Conversation.open(this.nginx.endpoint('imap'));
    try {
      await client.line();
      const text = await client.ask(`a LOGIN "${user}" "${password}"`);
      if (!letIn.test(text)) return { heard: heardIn(text), text };
      return { heard: 'in', text, place: look ? await placeOf(client) : undefined };
    } catch (error) {
      return { heard: 'other', text: String(error) };
    } finally {
      client.close();
    }
  };

  /** A command of the gateway's on its own config. */
  async command(...words: readonly string[]): Promise<Said> {
    const done = await run(process.execPath, [script, ...words, '-c', this.gateway.configPath], {
      env: { PATH: process.env['PATH'] },
    }).catch((error: unknown) => error as { readonly code: number; readonly stdout: string; readonly stderr: string });
    return { code: 'code' in done ? done.code : 0, out: done.stdout, err: done.stderr };
  }

  /** Another scheme, for example: five hundred heavy hashes would take most of the test's time. */
  async edit(change: (config: string) => string): Promise<void> {
    const { configPath } = this.gateway;
    await writeFile(configPath, change(await readFile(configPath, 'utf8')));
  }

  /** SIGHUP, until the log says that the new list is in force. */
  async reload(): Promise<void> {
    const from = this.gateway.output().length;
    this.gateway.signal('SIGHUP');
    const line = await this.gateway.untilOutput(/"msg":"(?:reloaded|not reloaded[^"]*)"/u, from);
    if (!line.includes('"reloaded"')) throw new Error(this.gateway.output().slice(from));
  }

  /** As the directory's own tool writes it. */
  changePassword(person: Resident, password: string): Promise<void> {
    return person.change({ password }, () => this.#modify(person, `replace: userPassword\nuserPassword: ${ssha(password)}`));
  }

  disable(person: Resident): Promise<void> {
    return person.change({ disabled: true }, () => this.#modify(person, 'replace: employeeType\nemployeeType: disabled'));
  }

  /** What the operator carries over before the directory goes. */
  async disableInTable(people: readonly Resident[]): Promise<void> {
    await this.postgres.sql(`update mailbox set active = false where email in (${people.map(({ user }) => `'${user}'`).join(', ')})`);
  }

  /** How many have a password in the new database. */
  async captured(): Promise<number> {
    return Number(await this.postgres.sql('select count(*) from mailbox where password is not null'));
  }

  async #modify(person: Resident, change: string): Promise<void> {
    const { host, port } = this.slapd;
    const file = await this.room.write(`change-${person.user}.ldif`, `dn: ${dnOf(person)}\nchangetype: modify\n${change}\n`);
    const words = ['-x', '-H', `ldap://${host}:${port}`, '-D', slapdManager.dn, '-w', slapdManager.password, '-f', file];
    await run(requireProgram('ldapmodify'), words);
  }
}

/** Takes whatever password nginx hands on. */
const mailServer = (room: ServerRoom, name: Resident['home'], town: readonly Resident[]): Promise<Dovecot> =>
  startDovecot(room, { name, protocols: ['imap'], users: town.filter(({ home }) => home === name).map(({ user }) => ({ name: user })) });

export interface Stores {
  readonly slapd: Slapd;
  readonly postgres: DatabaseServer;
}

export const staff = ({ slapd }: Stores): Section => ({
  use: 'ldap',
  as: 'staff',
  with: {
    url: `ldap://${slapd.host}:${slapd.port}`,
    base: peopleBase,
    filter: '(&(objectClass=inetOrgPerson)(mail={user}))',
    bind: reader,
    attributes: { host: 'mailHost' },
    disabled: '(employeeType=disabled)',
  },
});

export const customers = ({ postgres }: Stores): Section => ({
  use: 'sql',
  as: 'customers',
  with: {
    url: postgres.url,
    query: 'select password, host, active as enabled from mailbox where email = {user}',
    enroll: 'update mailbox set password = {password} where email = {user} and password is not distinct from {previous}',
    noPassword: 'unknown-user',
  },
});

const heardIn = (text: string): Told['heard'] => {
  if (temporary.imap.test(text)) return 'temporary';
  return denied.imap.test(text) || text.includes('[AUTHORIZATIONFAILED]') ? 'denied' : 'other';
};

const placeOf = async (client: Conversation): Promise<string | undefined> => {
  client.send('l LIST "" "on-*"\r\n');
  return /mail-[ab]/u.exec((await client.linesUntil(/^l /u)).join('\n'))?.[0];
};
