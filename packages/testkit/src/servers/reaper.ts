import { spawn, type ChildProcess } from 'node:child_process';

/**
 * What the watching process runs: it keeps a list and, when its input ends, kills and deletes what is still on it.
 * Its input ends however the test process ends, `kill -9` included, which no exit handler could promise.
 */
const watch = `
const { createInterface } = require('node:readline');
const { rmSync } = require('node:fs');
const groups = new Set();
const folders = new Set();
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { verb, pid, folder } = JSON.parse(line);
    const list = pid === undefined ? folders : groups;
    if (verb === 'watch') list.add(pid ?? folder);
    else list.delete(pid ?? folder);
  })
  .on('close', () => {
    const signal = (name) => { for (const pid of groups) try { process.kill(-pid, name); } catch {} };
    const last = () => { signal('SIGKILL'); for (const folder of folders) rmSync(folder, { recursive: true, force: true }); };
    if (groups.size === 0) return last();
    signal('SIGTERM');
    setTimeout(last, 1000);
  });
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => {});
`;

/** Ends the process groups and deletes the folders it was told of, should this process die without doing so itself. */
export class Reaper {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = spawn(process.execPath, ['-e', watch], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, env: {} });
    this.#child.stdin?.on('error', () => undefined);
    this.#child.on('error', () => undefined);
    this.#child.unref();
  }

  watchGroup(pid: number): void {
    this.#say({ verb: 'watch', pid });
  }

  forgetGroup(pid: number): void {
    this.#say({ verb: 'forget', pid });
  }

  watchFolder(folder: string): void {
    this.#say({ verb: 'watch', folder });
  }

  forgetFolder(folder: string): void {
    this.#say({ verb: 'forget', folder });
  }

  /** Resolves when the watching process has gone. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    // Where nothing else keeps the process alive, waiting for it would not either.
    this.#child.ref();
    await new Promise<void>((resolve) => {
      this.#child.once('exit', () => resolve());
      this.#child.stdin?.end();
    });
  }

  #say(message: Readonly<Record<string, unknown>>): void {
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
  }
}
