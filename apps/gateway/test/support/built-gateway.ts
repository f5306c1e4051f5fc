import { spawn, spawnSync, type ChildProcessByStdio, type SpawnSyncReturns } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

export const builtScript = join(import.meta.dirname, '../../bin/postern.js');

/** Without what is set for the test runner alone. */
export const plainEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !['NODE_OPTIONS', 'FORCE_COLOR', 'NODE_ENV'].includes(name)),
);

/** One command line of the built gateway, to its end. */
export const runBuilt = (directory: string, words: readonly string[], input = ''): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [builtScript, ...words], { cwd: directory, env: plainEnv, input, encoding: 'utf8', timeout: 120_000 });

/** The built gateway, serving in a process of its own. */
export class ServingGateway {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  #text = '';

  /** `nodeOptions`: for Node itself. */
  constructor(directory: string, config: string, nodeOptions: readonly string[] = []) {
    const words = [...nodeOptions, builtScript, 'serve', '-c', config];
    this.#child = spawn(process.execPath, words, { cwd: directory, env: plainEnv, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.on('data', (chunk: Buffer) => (this.#text += chunk.toString()));
  }

  get text(): string {
    return this.#text;
  }

  /** The nginx door, once it is open. */
  async door(): Promise<string> {
    for (;;) {
      const [, door] = /nginx on (127\.0\.0\.1:\d+)/.exec(this.#text) ?? [];
      if (door !== undefined) return door;
      if (this.#child.exitCode !== null) throw new Error(`it ended with ${this.#child.exitCode}: ${this.#text}`);
      await Promise.race([once(this.#child.stdout, 'data'), once(this.#child.stderr, 'data'), once(this.#child, 'exit')]);
    }
  }

  async stop(): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    return ((await ended) as [number | null])[0];
  }
}
