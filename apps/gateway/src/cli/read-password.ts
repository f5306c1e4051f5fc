import type { Io } from './io.js';
import { UsageError } from './shell.js';

const maxBytes = 65_536;

/**
 * A password from stdin, as bytes. From a pipe or file all of it, without one line break at the end; from a terminal a line
 * typed without echo, `twice` to catch slips. Throws `UsageError` when there is none.
 */
export const readPassword = async (io: Io, twice: boolean): Promise<Uint8Array> => {
  const password = io.stdin.isTTY === true ? await typedPassword(io, twice) : withoutLineBreak(await readAll(io));
  if (password.length === 0) throw new UsageError('no password came in', 'Pipe it in, for example: printf %s "$PASSWORD" | postern …');
  return password;
};

const readAll = async (io: Io): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of io.stdin) {
    const bytes = Buffer.from(chunk as Uint8Array | string);
    size += bytes.length;
    if (size > maxBytes) throw new UsageError(`a password has at most ${maxBytes} bytes`, 'Pipe in the password alone.');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
};

/** `echo` and editors add a line break; a second one would belong to the password. */
const withoutLineBreak = (bytes: Buffer): Buffer => {
  if (bytes.at(-1) !== 0x0a) return bytes;
  return bytes.subarray(0, bytes.at(-2) === 0x0d ? -2 : -1);
};

const typedPassword = async (io: Io, twice: boolean): Promise<Uint8Array> => {
  const first = await typedLine(io, 'Password: ');
  if (!twice || first.length === 0) return first;
  const second = await typedLine(io, 'Again: ');
  if (!first.equals(second)) throw new UsageError('the two passwords differ', 'Type the same password twice.');
  return first;
};

const typedLine = (io: Io, prompt: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const line = new TypedLine();
    io.stderr.write(prompt);
    io.stdin.setRawMode?.(true);
    const finish = (settle: () => void): void => {
      io.stdin.off('data', hear);
      io.stdin.pause();
      io.stdin.setRawMode?.(false);
      io.stderr.write('\n');
      settle();
    };
    const hear = (chunk: Buffer | string): void => {
      const state = line.type(Buffer.from(chunk as Uint8Array));
      if (state === 'done') finish(() => resolve(line.bytes));
      if (state === 'broken-off') finish(() => reject(new UsageError('broken off', 'Nothing was done.')));
    };
    io.stdin.on('data', hear);
    io.stdin.resume();
  });

/** A line as a terminal in raw mode gives it: the keys for deleting and ending are ours to obey. */
class TypedLine {
  #typed: number[] = [];

  get bytes(): Buffer {
    return Buffer.from(this.#typed);
  }

  type(keys: Buffer): 'more' | 'done' | 'broken-off' {
    for (const key of keys) {
      if (key === 0x03) return 'broken-off';
      if (key === 0x0d || key === 0x0a || key === 0x04) return 'done';
      if (key === 0x08 || key === 0x7f) this.#deleteLast();
      else if (key === 0x15) this.#typed = [];
      else if (this.#typed.length < maxBytes) this.#typed.push(key);
    }
    return 'more';
  }

  /** One character may be several bytes of UTF-8. */
  #deleteLast(): void {
    let last = this.#typed.pop();
    while (last !== undefined && (last & 0xc0) === 0x80) last = this.#typed.pop();
  }
}
