import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { bindConfig, type Clock, type HashNote, type Log } from '@postern/contract';
import {
  Database,
  databaseFields,
  StatementFailed,
  statementFrom,
  type DatabaseConfig,
  type Dialect,
  type Order,
  type Rows,
} from '@postern/sql';
import { z } from 'zod';
import type { Batch } from './note-buffer.js';
import { laterColumns, probe, schemaOf, tables } from './schema.js';
import type { UserRecord } from './user-notes.js';
import { Writing } from './writing.js';

export interface ShelfParts {
  /** `postgres://…`, `mysql://…` or `sqlite:PATH`, an absolute path. */
  readonly url: string;
  readonly clock: Clock;
  readonly log: Log;
}

const config = z.strictObject(databaseFields);

const configOf = (url: string): DatabaseConfig => {
  // A wait for SQLite's lock holds a thread that other files are read on, too: it is short, and tried again.
  const timeout = url.startsWith('sqlite:') ? '500ms' : '5s';
  const parsed = config.parse({ url, pool: { max: 2 }, timeout, connectTimeout: '2s' });
  const [problem] = bindConfig(parsed, { directory: '/', env: {} });
  if (problem !== undefined) throw new Error(problem.message);
  return parsed;
};

const busyCodes: ReadonlySet<string> = new Set(['SQLITE_BUSY', 'SQLITE_LOCKED', 'SQLITE_BUSY_SNAPSHOT']);
const triesWhenBusy = 10;

/** Two that make the same table at once: PostgreSQL tells the slower one. */
const triesAtSchema = 5;
/** A process that is gone for this long does not write its last batch again. */
const writersForgottenMs = 30 * 86_400_000;

/** Where the book stands: the tables of one database, and nothing else of it. */
export class Shelf {
  readonly #database: Database;
  readonly #dialect: Dialect;
  readonly #file: string | undefined;
  readonly #clock: Clock;
  /** Marks the batches of this process: whether one arrived shows by it when the answer was lost. */
  readonly #writer = randomBytes(12).toString('hex');
  readonly #writing: Writing;
  #prepared = false;

  /** Throws when the URL cannot be understood. Opens nothing. */
  constructor({ url, clock, log }: ShelfParts) {
    const parsed = configOf(url);
    const [first] = parsed.url;
    if (first?.dialect === undefined) throw new Error('the URL names no database');
    this.#dialect = first.dialect;
    this.#file = first.address.dialect === 'sqlite' ? first.address.path : undefined;
    this.#database = new Database(parsed, { clock, log }, true);
    this.#clock = clock;
    this.#writing = new Writing(first.dialect, this.#writer);
  }

  /** Makes the file and the tables where they are not there. Throws what the database does. */
  async prepare(signal: AbortSignal): Promise<void> {
    if (this.#prepared) return;
    // SQLite would not make a file that only its owner reads.
    if (this.#file !== undefined) await (await open(this.#file, 'a', 0o600)).close();
    await this.#database.start(signal);
    if (!(await this.#answers(probe, signal))) for (const text of schemaOf(this.#dialect)) await this.#make(text, signal);
    for (const later of laterColumns(this.#dialect))
      if (!(await this.#answers(later.probe, signal))) await this.#make(later.add, signal, later.probe);
    // Readers and the one who writes then do not wait for each other. What the file system cannot do is no reason to do without.
    if (this.#file !== undefined) await this.query('pragma journal_mode = wal', [], signal).catch(() => undefined);
    this.#prepared = true;
    await this.run(`delete from ${tables.writers} where at < {v0}`, [String(this.#clock.now() - writersForgottenMs)], signal);
  }

  /** All of it or nothing. After a failure the same batch may be written again: it is counted once. */
  async write(batch: Batch, again: boolean, signal: AbortSignal): Promise<void> {
    await this.prepare(signal);
    if (again && (await this.#arrived(batch, signal))) return;
    await this.#batch(this.#writing.orders(batch, this.#clock.now()), signal);
  }

  async find(name: string, signal: AbortSignal): Promise<UserRecord | undefined> {
    await this.prepare(signal);
    const text =
      `select u.captured_at, u.captured_into, u.captured_digest, u.capturing_at, u.capturing_into, u.capturing_digest, d.store from ${tables.users} u ` +
      `left join ${tables.disabled} d on d.user_name = u.user_name where u.user_name = {v0}`;
    const { rows } = await this.query(text, [name], signal);
    const [first] = rows;
    if (first === undefined) return undefined;
    const stores = rows.flatMap((row) => row.at(-1) ?? []);
    const noteAt = (column: number): HashNote => ({
      ...{ at: Number(first[column]), into: first[column + 1] ?? '', digest: first[column + 2] ?? '' },
    });
    return { captured: noteAt(0), capturing: noteAt(3), disabledIn: new Set(stores) };
  }

  /** Rows of a statement with the variables `{v0}`, `{v1}` … */
  query(text: string, values: readonly string[], signal: AbortSignal): Promise<Rows> {
    return this.#database.query(statementFrom(text, this.#dialect, namesFor(values)), bindingsFor(values), signal);
  }

  async addStep(at: number, step: string, reason: string, signal: AbortSignal): Promise<void> {
    await this.prepare(signal);
    await this.run(`insert into ${tables.steps} (at, step, reason) values ({v0}, {v1}, {v2})`, [String(at), step, reason], signal);
  }

  /** What was made may be gone: it is looked at anew. */
  doubt(): void {
    this.#prepared = false;
  }

  /** Never throws. */
  async close(signal: AbortSignal): Promise<void> {
    if (this.#prepared) await this.run(`delete from ${tables.writers} where writer = {v0}`, [this.#writer], signal).catch(() => undefined);
    await this.#database.stop();
  }

  async #arrived({ number }: Batch, signal: AbortSignal): Promise<boolean> {
    const { rows } = await this.query(`select batch from ${tables.writers} where writer = {v0}`, [this.#writer], signal);
    return rows.some(([batch]) => Number(batch) >= number);
  }

  async #answers(text: string, signal: AbortSignal): Promise<boolean> {
    try {
      await this.query(text, [], signal);
      return true;
    } catch (error) {
      if (error instanceof StatementFailed) return false;
      throw error;
    }
  }

  /** Several processes may be making it. `done`: answers once somebody has. */
  async #make(text: string, signal: AbortSignal, done?: string): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.run(text, [], signal);
      } catch (error) {
        if (!(error instanceof StatementFailed) || tries === triesAtSchema) throw error;
        if (done !== undefined && (await this.#answers(done, signal))) return;
      }
    }
  }

  /** A statement that gives no rows, as one of its own transaction. */
  run(text: string, values: readonly string[], signal: AbortSignal): Promise<void> {
    const statement = statementFrom(text, this.#dialect, namesFor(values));
    return this.#batch([{ statement, bindings: bindingsFor(values) }], signal);
  }

  /** While another process writes to the file, it is this one's turn a little later. */
  async #batch(orders: readonly Order[], signal: AbortSignal): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#database.batch(orders, signal);
      } catch (error) {
        if (!(error instanceof StatementFailed) || !busyCodes.has(error.code) || tries === triesWhenBusy) throw error;
        await new Promise<void>((resolve) => void this.#clock.after(10 + Math.random() * 90, resolve));
      }
    }
  }
}

const namesFor = (values: readonly string[]): readonly string[] => values.map((_, index) => `v${index}`);

const bindingsFor = (values: readonly string[]): ReadonlyMap<string, string> => new Map(values.map((value, index) => [`v${index}`, value]));
