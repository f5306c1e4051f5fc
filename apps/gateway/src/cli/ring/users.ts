import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { LineSplitter } from '../import/line-splitter.js';
import type { Io } from '../io.js';
import { UsageError } from '../shell.js';

/** Somebody to compare. */
export interface User {
  readonly login: string;
  /** Where the list has it, from 1. */
  readonly line?: number;
  /** Why the line holds no login; `login` is then empty, since it may be anything. */
  readonly trouble?: string;
  /** Nobody's login: one of a sample. */
  readonly madeUp?: true;
}

export type Users = AsyncIterable<readonly User[]> | Iterable<readonly User[]>;

/** Lines of a passwd-file pass for logins otherwise, and hashes would be shown. */
const withHash = /:(?:\{[A-Za-z0-9._-]+\}|\$[a-z0-9-]+\$)/;

/** The logins of a list, some at a time. Throws a `UsageError` when it cannot be read. */
export async function* listedUsers(file: string, io: Io): AsyncGenerator<readonly User[]> {
  const lines = new LineSplitter();
  for await (const piece of piecesOf(file, io)) yield usersIn(lines.push(piece));
  yield usersIn(lines.end());
}

async function* piecesOf(file: string, io: Io): AsyncIterable<Buffer> {
  const stream: Readable = file === '-' ? io.stdin : createReadStream(resolve(io.directory, file));
  try {
    for await (const piece of stream) yield Buffer.from(piece as Buffer | string);
  } catch (error) {
    throw new UsageError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`, 'Mend the path or its rights.');
  }
}

const usersIn = (lines: ReturnType<LineSplitter['push']>): readonly User[] =>
  lines.flatMap(({ number: line, text, trouble }) => {
    if (trouble !== undefined) return [{ login: '', line, trouble }];
    const login = text.trim();
    if (login === '' || login.startsWith('#')) return [];
    if (withHash.test(login)) return [{ login: '', line, trouble: 'it looks like a line with a password: give logins alone' }];
    return [{ login, line }];
  });
