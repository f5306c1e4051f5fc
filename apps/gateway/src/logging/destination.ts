import { pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { Output } from '../cli/io.js';

/** Takes one whole line at a time. */
export interface LogStream {
  write(line: string): void;
}

/** Where log lines go, and how to be sure that they got there. */
export interface LogDestination {
  readonly stream: LogStream;
  /** Ends when all that was said is written, or after a second with a reader that does not read; to be called once, at the end. */
  close(): Promise<void>;
}

// A reader that stopped reading must not make the gateway grow: beyond this, lines are dropped.
const maxBufferedBytes = 16 * 1024 * 1024;
const longestGoodbyeMs = 1000;

/** What the system writes to a pipe in one piece. */
const atomicBytes = 4096;

/** JSON lines; on a terminal the same, made readable. `shared`: other processes write there, too, and lines must not tear each other apart. */
export const logDestination = (output: Output, { shared = false }: { readonly shared?: boolean } = {}): LogDestination => {
  if (output.isTTY === true) return prettyDestination(output);
  if (output.fd === undefined) return unbuffered((line) => output.write(line));
  const stream = pino.destination({
    fd: output.fd,
    sync: false,
    maxLength: maxBufferedBytes,
    ...(shared ? { maxWrite: atomicBytes } : {}),
  });
  // A closed pipe (`… | head`) is no reason to stop answering logins.
  stream.on('error', () => undefined);
  return { stream, close: () => end(stream) };
};

const prettyDestination = (output: Output): LogDestination => {
  const prettify = prettyFactory({ colorize: true, translateTime: 'SYS:HH:MM:ss.l', singleLine: true });
  return unbuffered((line) => output.write(prettify(line)));
};

const unbuffered = (write: (line: string) => unknown): LogDestination => ({
  stream: { write: (line) => void write(line) },
  close: () => Promise.resolve(),
});

interface Ending {
  end(): void;
  once(event: 'close' | 'error', listener: () => void): unknown;
}

/** Not `flushSync`: it writes what is buffered past lines that are under way, and the last line came before them. */
const end = (stream: Ending): Promise<void> =>
  new Promise((resolve) => {
    const insist = setTimeout(resolve, longestGoodbyeMs);
    const ended = (): void => {
      clearTimeout(insist);
      resolve();
    };
    stream.once('close', ended);
    // The reader is gone; there is nobody left to tell.
    stream.once('error', ended);
    try {
      stream.end();
    } catch {
      ended();
    }
  });
