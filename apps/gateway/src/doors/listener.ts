import cluster from 'node:cluster';
import { chmodSync, existsSync, lstatSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { connect, type ListenOptions, type Server } from 'node:net';
import type { Log } from '@postern/contract';
import { listenText, type ListenAddress } from '@postern/kernel';
import { defaultSocketMode } from './door.js';
import { DoorError, listenError } from './door-error.js';

/** Connections the kernel may hold for us; logins come in bursts when a mail server comes back. Linux cuts it to somaxconn. */
const backlog = 4096;

export interface ListenerParts {
  readonly log: Log;
  readonly socketMode?: number;
}

/** One server at one address. */
export class Listener {
  readonly #server: Server;
  readonly #wanted: ListenAddress;
  readonly #socketMode: number;
  readonly #log: Log;
  #port: number | undefined;

  constructor(server: Server, address: ListenAddress, parts: ListenerParts) {
    this.#server = server;
    this.#wanted = address;
    this.#socketMode = parts.socketMode ?? defaultSocketMode;
    this.#log = parts.log;
  }

  get address(): string {
    return listenText(this.#wanted.kind === 'tcp' && this.#port !== undefined ? { ...this.#wanted, port: this.#port } : this.#wanted);
  }

  /** Rejects with a `DoorError`. A unix socket left over by a process that died is replaced; any other file never is. */
  async open(): Promise<void> {
    try {
      if (this.#wanted.kind === 'unix') await this.#openUnix(this.#wanted.path);
      else await bound(this.#server, { host: this.#wanted.host, port: this.#wanted.port, backlog });
    } catch (error) {
      throw listenError(this.address, error);
    }
    // Out of file descriptors, for one: connections wait in the kernel's queue until there are some again.
    this.#server.on('error', (cause) => this.#log.error('a connection could not be accepted', { address: this.address, cause }));
    const listening = this.#server.address();
    if (typeof listening === 'object' && listening !== null) this.#port = listening.port;
  }

  /** Stops accepting at once; resolves when the last connection is gone. Libuv removes the file of a unix socket. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #openUnix(path: string): Promise<void> {
    const folder = dirname(path);
    // Libuv calls a missing folder a lack of permission.
    if (!existsSync(folder)) throw new DoorError('bad-path', `cannot listen on unix:${path}: ${folder} is not there`, 'Create the folder.');
    // Of several workers, the first one's socket is everybody's; the primary process has cleared the way.
    if (!cluster.isWorker) await clearStale(path);
    // The file must never be wider than asked for, not even between bind and chmod. Node binds a path before `listen` returns.
    const before = process.umask(0o777 & ~(this.#socketMode & 0o600));
    let listening: Promise<void>;
    try {
      listening = bound(this.#server, { path, backlog });
    } finally {
      process.umask(before);
    }
    await listening;
    chmodSync(path, this.#socketMode);
  }
}

const bound = (server: Server, options: ListenOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, () => {
      server.off('error', reject);
      resolve();
    });
  });

/** Removes a unix socket that nobody listens on. Rejects with a `DoorError` when something else is there. */
export const clearStale = async (path: string): Promise<void> => {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new DoorError(
      'bad-path',
      `cannot listen on unix:${path}: a file that is no socket is in the way`,
      'Move the file or choose another path.',
    );
  }
  if (await answers(path)) {
    throw new DoorError(
      'in-use',
      `cannot listen on unix:${path}: another process listens there`,
      'Stop the other process or choose another path.',
    );
  }
  unlinkSync(path);
};

/** Only a refused connection shows that nobody listens; whatever else happens, the file stays. */
const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
