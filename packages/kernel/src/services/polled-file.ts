import { readFile, stat } from 'node:fs/promises';
import type { Clock, FollowedFile, Health, Log } from '@postern/contract';
import { causeText } from '../answer/cause.js';

export interface PolledFileParts<T> {
  readonly path: string;
  readonly parse: (content: Uint8Array) => T | Promise<T>;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Log;
  readonly everyMs: number;
}

/** Tells two contents of a file apart without reading them. */
type Signature = string;

/**
 * A file looked at again and again. New content counts only when the file held still between two looks: a program that writes in
 * place must not be seen half-way, when half of the users are missing.
 */
export class PolledFile<T> implements FollowedFile<T> {
  readonly #parts: PolledFileParts<T>;
  #current: T | undefined;
  /** What `#current` or `#trouble` was read from. */
  #read: Signature | undefined;
  /** What the last look saw. */
  #seen: Signature | undefined;
  #trouble: string | undefined;
  #callOff: (() => void) | undefined;
  #looking: Promise<void> = Promise.resolve();
  /** Counts starts and stops: a look that ends after a `stop` changes nothing. */
  #life = 0;

  constructor(parts: PolledFileParts<T>) {
    this.#parts = parts;
  }

  get current(): T | undefined {
    return this.#current;
  }

  async start(): Promise<void> {
    const life = ++this.#life;
    this.#callOff?.();
    const signature = await this.#sign();
    const content = await this.#content();
    if (life !== this.#life) return;
    this.#current = content;
    this.#read = signature;
    this.#seen = signature;
    this.#trouble = undefined;
    this.#plan(life);
  }

  health(): Health {
    if (this.#current === undefined) return { status: 'down', note: 'not read yet' };
    return this.#trouble === undefined ? { status: 'up' } : { status: 'degraded', note: this.#trouble };
  }

  async stop(): Promise<void> {
    this.#life++;
    this.#callOff?.();
    await this.#looking;
  }

  /** The next look is planned when this one has ended, so looks never overlap. */
  #plan(life: number): void {
    this.#callOff = this.#parts.clock.after(this.#parts.everyMs, () => {
      this.#looking = this.#look(life).then(() => {
        if (life === this.#life) this.#plan(life);
      });
    });
  }

  /** Never rejects. */
  async #look(life: number): Promise<void> {
    try {
      const signature = await this.#sign();
      const still = signature === this.#seen;
      this.#seen = signature;
      if (!still || signature === this.#read) return;
      const bytes = await readFile(this.#parts.path);
      // Written while it was read: whatever came of it may be half of it.
      if ((await this.#sign()) === signature) await this.#take(bytes, signature, life);
    } catch (cause) {
      // It may come back just as it was; then it is read again all the same.
      this.#seen = undefined;
      this.#read = undefined;
      this.#fail(cause, life);
    }
  }

  async #take(bytes: Uint8Array, signature: Signature, life: number): Promise<void> {
    try {
      const content = await this.#parts.parse(bytes);
      if (life !== this.#life) return;
      this.#current = content;
      this.#tellGood();
    } catch (cause) {
      this.#fail(cause, life);
    }
    // Whether good or bad: the same content is not parsed, and not reported, every second.
    this.#read = signature;
  }

  #tellGood(): void {
    const { log, path } = this.#parts;
    log.info(this.#trouble === undefined ? 'a file changed and was read again' : 'a file can be used again', { file: path });
    this.#trouble = undefined;
  }

  #fail(cause: unknown, life: number): void {
    if (life !== this.#life) return;
    const { log, path } = this.#parts;
    const text = causeText(cause);
    const trouble = `${path} cannot be used, its last good content stays: ${text}`;
    if (this.#trouble !== trouble) log.error('a file cannot be used; its last good content stays', { file: path, cause: text });
    this.#trouble = trouble;
  }

  async #content(): Promise<T> {
    return this.#parts.parse(await readFile(this.#parts.path));
  }

  /** Throws for what is no file: reading a pipe would never end. The change time sees what keeps size and modification time. */
  async #sign(): Promise<Signature> {
    const found = await stat(this.#parts.path, { bigint: true });
    if (!found.isFile()) throw new Error('it is no regular file');
    return [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(':');
  }
}
