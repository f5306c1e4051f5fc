import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Io, Signal } from '../../src/cli/io.js';
import { CapturedOutput } from './captured-output.js';

/** A process that is none: what goes in is prepared, what comes out is kept, signals are said aloud. */
export class TestIo implements Io {
  readonly stdin = new PassThrough() as PassThrough & { isTTY?: boolean; setRawMode?(mode: boolean): unknown };
  readonly stdout = new CapturedOutput();
  readonly stderr = new CapturedOutput();
  readonly env: Record<string, string | undefined> = {};
  readonly directory: string;
  readonly signals = new EventEmitter();

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Piped in, then the end. */
  typed(text: string | Buffer): this {
    this.stdin.end(text);
    return this;
  }

  signal(signal: Signal, cause?: unknown): void {
    this.signals.emit(signal, cause);
  }
}
