import { execFile } from 'node:child_process';
import { chmod, chown, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import type { KeyPair } from './certificates.js';
import { freePort } from './endpoint.js';
import { requireProgram } from './requirements.js';
import { withFreshPorts } from './retry-ports.js';
import { ServerProcess } from './server-process.js';
import type { ServerRoom } from './server-room.js';
import { slapdConfig, slapdRoot, type SlapdOptions } from './slapd-config.js';

const run = promisify(execFile);

/** A running slapd. */
export interface Slapd {
  readonly host: string;
  /** Clear text, and StartTLS where it has a certificate. */
  readonly port: number;
  /** ldaps; 0 without a certificate. */
  readonly tlsPort: number;
  /** Its log: one line for every connection, operation and result, with filters and DNs as it understood them. */
  output(): string;
  /** Waits for a line in the log of its present run: it writes some of them after its answer. */
  untilOutput(pattern: RegExp): Promise<unknown>;
  stop(): Promise<void>;
  /** Again, on the same ports and with the same data. */
  restart(): Promise<void>;
}

interface Owner {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const numberOf = async (flag: '-u' | '-g', name: string): Promise<number> => Number((await run('id', [flag, name])).stdout);

/** Debian's user for it; root must not run it. Undefined for a plain user, who runs it without a change of user. */
const ownerFor = async (): Promise<Owner | undefined> => {
  if (userInfo().uid !== 0) return undefined;
  const name = 'openldap';
  return { name, uid: await numberOf('-u', name), gid: await numberOf('-g', name) };
};

const give = async (path: string, owner: Owner | undefined): Promise<void> => {
  if (owner !== undefined) await chown(path, owner.uid, owner.gid);
};

/** A copy that slapd's own user may read. */
const ownPair = async (folder: string, pair: KeyPair, owner: Owner | undefined): Promise<KeyPair> => {
  const own = { cert: `${folder}/server.pem`, key: `${folder}/server.key` };
  for (const part of ['cert', 'key'] as const) {
    await copyFile(pair[part], own[part]);
    await chmod(own[part], 0o600);
    await give(own[part], owner);
  }
  return own;
};

const asOwner = (owner: Owner | undefined): readonly string[] => (owner === undefined ? [] : ['-u', owner.name, '-g', owner.name]);

const prepare = async (folder: string, options: SlapdOptions, owner: Owner | undefined): Promise<void> => {
  await mkdir(`${folder}/data`, { recursive: true });
  const tls = options.tls === undefined ? {} : { tls: await ownPair(folder, options.tls, owner) };
  await writeFile(`${folder}/slapd.conf`, slapdConfig({ ...options, ...tls }, folder));
  await writeFile(`${folder}/data.ldif`, slapdRoot + options.ldif);
  for (const path of [folder, `${folder}/data`, `${folder}/slapd.conf`]) await give(path, owner);
  // slapadd is slapd under another name; it reads the data as whoever starts it.
  await run(requireProgram('slapadd'), ['-q', '-f', `${folder}/slapd.conf`, '-l', `${folder}/data.ldif`]);
  for (const name of ['data.mdb', 'lock.mdb']) await give(`${folder}/data/${name}`, owner);
};

const attempt = async (room: ServerRoom, options: SlapdOptions, folder: string, owner: Owner | undefined): Promise<Slapd> => {
  const host = '127.0.0.1';
  const port = await freePort();
  const tlsPort = options.tls === undefined ? 0 : await freePort();
  const urls = [`ldap://${host}:${port}/`, ...(tlsPort === 0 ? [] : [`ldaps://${host}:${tlsPort}/`])];
  const launch = async (): Promise<ServerProcess> => {
    const started = ServerProcess.start(room, {
      name: `slapd ${options.name}`,
      command: requireProgram('slapd'),
      args: ['-d', options.log ?? 'stats', '-h', urls.join(' '), '-f', `${folder}/slapd.conf`, ...asOwner(owner)],
    });
    await started.untilAccepts({ host, port });
    return started;
  };
  const runs = [await launch()];
  const stop = async (): Promise<void> => {
    for (const each of runs) await each.stop();
  };
  return {
    ...{ host, port, tlsPort, stop },
    output: () => runs.map((each) => each.output()).join(''),
    untilOutput: (pattern) => runs.at(-1)?.untilOutput(pattern) ?? Promise.reject(new Error('it never ran')),
    restart: async () => {
      await stop();
      runs.push(await launch());
    },
  };
};

/** Starts OpenLDAP's server with the data below `dc=example,dc=org`. It ends with the room. */
export const startSlapd = async (room: ServerRoom, options: SlapdOptions): Promise<Slapd> => {
  const folder = room.path(options.name);
  await mkdir(folder, { recursive: true });
  const owner = await ownerFor();
  await prepare(folder, options, owner);
  return withFreshPorts(() => attempt(room, options, folder, owner));
};
