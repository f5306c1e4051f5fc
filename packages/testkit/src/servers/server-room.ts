import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Reaper } from './reaper.js';

// Unix socket paths end at 107 bytes, and Dovecot's run folder needs some 40 of them.
const longestTemporary = 40;

/** A temporary folder and everything started for one suite; closing it stops and deletes all of it, in reverse order. */
export class ServerRoom {
  readonly folder: string;
  readonly reaper: Reaper;
  readonly #closers: (() => Promise<void>)[] = [];

  private constructor(folder: string, reaper: Reaper) {
    this.folder = folder;
    this.reaper = reaper;
  }

  static async open(): Promise<ServerRoom> {
    const parent = tmpdir().length > longestTemporary ? '/tmp' : tmpdir();
    const folder = await mkdtemp(join(parent, 'postern-'));
    // Servers started by root give up their rights and must still get in.
    await chmod(folder, 0o755);
    const reaper = new Reaper();
    reaper.watchFolder(folder);
    return new ServerRoom(folder, reaper);
  }

  /** A path in the room's folder. */
  path(...parts: readonly string[]): string {
    return join(this.folder, ...parts);
  }

  /** Writes a file (and its folders) in the room and answers its path. */
  async write(name: string, content: string | Uint8Array, mode = 0o644): Promise<string> {
    const path = this.path(name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content, { mode });
    return path;
  }

  /** `close` must work when it is called twice and when the thing has already ended. */
  onClose(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  /** Goes on after a failure and throws all failures together. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closers.splice(0).reverse()) {
      await close().catch((error: unknown) => failures.push(error));
    }
    await rm(this.folder, { recursive: true, force: true }).catch((error: unknown) => failures.push(error));
    this.reaper.forgetFolder(this.folder);
    await this.reaper.close();
    if (failures.length > 0) throw new AggregateError(failures, 'not everything in the server room could be stopped');
  }
}
