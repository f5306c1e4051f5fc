import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Io } from '../io.js';
import { UsageError } from '../shell.js';

/** Bytes. `nginx -T` of the largest sites is a tenth of it. */
const most = 16_777_216;

/** The text of a file, or of stdin for `-`. Throws a `UsageError` when it cannot be one of nginx's. */
export const readText = async (file: string, io: Io): Promise<string> => {
  const bytes = file === '-' ? await fromStream(io.stdin) : await fromFile(file, io);
  const nul = bytes.indexOf(0);
  if (nul < 0) return bytes.toString('utf8').replace(/^\ufeff/, '');
  const line = bytes.subarray(0, nul).toString('latin1').split('\n').length;
  throw new UsageError(
    `${nameOf(file)}:${line} holds a NUL byte, so it is no nginx config`,
    'Give an nginx.conf or the output of nginx -T.',
  );
};

export const nameOf = (file: string): string => (file === '-' ? 'stdin' : file);

const fromFile = async (file: string, { directory }: Io): Promise<Buffer> => {
  const handle = await open(resolve(directory, file), 'r').catch((error: unknown) => {
    throw unreadable(file, error);
  });
  try {
    return await fromStream(handle.createReadStream({ autoClose: false }));
  } catch (error) {
    throw error instanceof UsageError ? error : unreadable(file, error);
  } finally {
    await handle.close();
  }
};

const unreadable = (file: string, error: unknown): UsageError =>
  new UsageError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`, 'Mend the path or its rights.');

const fromStream = async (stream: AsyncIterable<Buffer | string>): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of stream) {
    const bytes = Buffer.from(piece as Buffer);
    size += bytes.length;
    if (size > most)
      throw new UsageError(
        `this is longer than ${most / 1_048_576} MiB, so it is no nginx config`,
        'Give an nginx.conf or the output of nginx -T.',
      );
    pieces.push(bytes);
  }
  return Buffer.concat(pieces);
};
