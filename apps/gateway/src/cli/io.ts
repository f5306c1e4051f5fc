import type { Readable } from 'node:stream';

/** Where words go. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** A file descriptor, where there is one: the log is then written without the stream in between. */
  readonly fd?: number;
}

/** Signals of the operating system and faults nobody caught, as `process` tells of them. */
export interface Signals {
  on(signal: Signal, heard: (cause?: unknown) => void): unknown;
  off(signal: Signal, heard: (cause?: unknown) => void): unknown;
}

export type Signal = 'SIGHUP' | 'SIGINT' | 'SIGTERM' | 'uncaughtException' | 'unhandledRejection';

/** All that a command touches of the process it runs in, handed in so that tests need no process. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(mode: boolean): unknown };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; what paths on the command line refer to. */
  readonly directory: string;
  readonly signals: Signals;
}

/** The real process. */
export const processIo = (): Io => ({
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  directory: process.cwd(),
  signals: process,
});
