import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { dovecotConfig, dovecotProtocols, passwdLine, type DovecotOptions, type DovecotPlace } from './dovecot-config.js';
import { freePort } from './endpoint.js';
import type { MailProtocol } from './nginx-config.js';
import { requireProgram } from './requirements.js';
import { withFreshPorts } from './retry-ports.js';
import { ServerProcess } from './server-process.js';
import type { ServerRoom } from './server-room.js';

const run = promisify(execFile);

/** A running Dovecot. */
export interface Dovecot {
  readonly name: string;
  readonly host: string;
  /** 0 for a protocol it does not offer. */
  readonly ports: Readonly<Record<MailProtocol, number>>;
  /** Its log. */
  output(): string;
  stop(): Promise<void>;
  /** Again, on the same ports and with the same mail. */
  restart(): Promise<void>;
}

// Debian's `nobody`; any user but root can own the mail.
const nobody = { uid: 65_534, gid: 65_534 };

const whoRuns = async (): Promise<Pick<DovecotPlace, 'plainUser' | 'mailUser'>> => {
  const { uid, gid, username } = userInfo();
  if (uid === 0) return { mailUser: nobody };
  const { stdout } = await run('id', ['-gn']);
  return { mailUser: { uid, gid }, plainUser: { name: username, group: stdout.trim() } };
};

const makeMailbox = async (folder: string, owner: { readonly uid: number; readonly gid: number }, subject: string): Promise<void> => {
  const folders = [folder, ...['new', 'cur', 'tmp'].map((each) => `${folder}/${each}`)];
  const message = `${folder}/new/1.first`;
  for (const each of folders) await mkdir(each);
  await writeFile(message, `From: postmaster@example.org\nSubject: ${subject}\n\nThis mailbox is on ${subject}.\n`);
  for (const each of [...folders, message]) await chown(each, owner.uid, owner.gid);
};

const prepare = async (folder: string, options: DovecotOptions, place: DovecotPlace): Promise<void> => {
  for (const each of ['mail', 'home', 'state', 'run']) await mkdir(`${folder}/${each}`, { recursive: true });
  for (const each of ['mail', 'home']) await chown(`${folder}/${each}`, place.mailUser.uid, place.mailUser.gid);
  for (const user of options.users) await makeMailbox(`${folder}/mail/${user.name}`, place.mailUser, `${options.name} ${user.name}`);
  await writeFile(`${folder}/users`, options.users.map(passwdLine).join(''));
  await writeFile(`${folder}/masters`, options.master === undefined ? '' : passwdLine(options.master));
  for (const each of ['users', 'masters']) await chmod(`${folder}/${each}`, 0o644);
};

const launch = async (room: ServerRoom, options: DovecotOptions, place: DovecotPlace): Promise<ServerProcess> => {
  const started = ServerProcess.start(room, {
    name: `dovecot ${options.name}`,
    command: requireProgram('dovecot'),
    args: ['-F', '-c', `${place.folder}/dovecot.conf`],
  });
  for (const port of place.ports.values()) await started.untilAccepts({ host: options.host ?? '127.0.0.1', port });
  return started;
};

const choosePlace = async (folder: string, options: DovecotOptions): Promise<DovecotPlace> => {
  const ports = new Map<MailProtocol, number>();
  for (const protocol of dovecotProtocols(options)) ports.set(protocol, await freePort());
  return { folder, ports, ...(await whoRuns()) };
};

const attempt = async (room: ServerRoom, options: DovecotOptions, folder: string): Promise<Dovecot> => {
  const place = await choosePlace(folder, options);
  await writeFile(`${folder}/dovecot.conf`, dovecotConfig(options, place));
  const runs = [await launch(room, options, place)];
  return {
    name: options.name,
    host: options.host ?? '127.0.0.1',
    ports: { imap: place.ports.get('imap') ?? 0, pop3: place.ports.get('pop3') ?? 0, smtp: place.ports.get('smtp') ?? 0 },
    output: () => runs.map((each) => each.output()).join(''),
    stop: async () => {
      for (const each of runs) await each.stop();
    },
    restart: async () => {
      for (const each of runs) await each.stop();
      runs.push(await launch(room, options, place));
    },
  };
};

/**
 * Starts a Dovecot on free ports and waits until each accepts. Every user has an INBOX with one message whose subject is
 * `NAME USER`, so that a client can tell which server it reached and whose mail it reads. It ends with the room.
 */
export const startDovecot = async (room: ServerRoom, options: DovecotOptions): Promise<Dovecot> => {
  if (dovecotProtocols(options).includes('smtp') && options.relay === undefined) {
    throw new Error(`dovecot ${options.name}: submission needs a relay`);
  }
  const folder = room.path(options.name);
  await mkdir(folder, { recursive: true });
  await prepare(folder, options, { folder, ports: new Map(), ...(await whoRuns()) });
  return withFreshPorts(() => attempt(room, options, folder));
};
