import { readFile } from 'node:fs/promises';
import type { Files, FollowedFile, Health, Log } from '@postern/contract';

/** Follows real files, but looks again only when a test calls `changed`. */
export class ManualFiles implements Files {
  readonly #log: Log;
  readonly #followed: { readonly path: string; readonly file: ManualFile<unknown> }[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  follow<T>(path: string, parse: (content: Uint8Array) => T | Promise<T>): FollowedFile<T> {
    const file = new ManualFile(path, parse, this.#log);
    this.#followed.push({ path, file });
    return file;
  }

  /** Files that are followed now: started and not stopped. */
  get open(): readonly string[] {
    return this.#followed.filter(({ file }) => file.started).map(({ path }) => path);
  }

  /** Reads again what is followed; resolves when new content (or its failure) is in effect. */
  async changed(path?: string): Promise<void> {
    for (const one of this.#followed) {
      if (one.file.started && (path === undefined || one.path === path)) await one.file.reread();
    }
  }
}

class ManualFile<T> implements FollowedFile<T> {
  readonly #path: string;
  readonly #parse: (content: Uint8Array) => T | Promise<T>;
  readonly #log: Log;
  #current: T | undefined;
  #trouble: string | undefined;
  #started = false;

  constructor(path: string, parse: (content: Uint8Array) => T | Promise<T>, log: Log) {
    this.#path = path;
    this.#parse = parse;
    this.#log = log;
  }

  get current(): T | undefined {
    return this.#current;
  }

  get started(): boolean {
    return this.#started;
  }

  async start(): Promise<void> {
    this.#started = true;
    this.#current = await this.#parse(await readFile(this.#path));
    this.#trouble = undefined;
  }

  async reread(): Promise<void> {
    try {
      await this.start();
    } catch (error) {
      this.#trouble = (error as Error).message;
      this.#log.warn('the changed file cannot be used; the last good content stays', { file: this.#path, error });
    }
  }

  health(): Health {
    if (this.#trouble !== undefined) return { status: this.#current === undefined ? 'down' : 'degraded', note: this.#trouble };
    return this.#current === undefined ? { status: 'down', note: 'not read yet' } : { status: 'up' };
  }

  stop(): Promise<void> {
    this.#started = false;
    return Promise.resolve();
  }
}
