import { inspect } from 'node:util';
import type { Log, LogFields } from '@postern/contract';

/** Keeps every line. */
export class CapturedLog implements Log {
  readonly lines: string[] = [];

  debug(message: string, fields?: LogFields): void {
    this.#keep('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#keep('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#keep('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#keep('error', message, fields);
  }

  get text(): string {
    return this.lines.join('\n');
  }

  #keep(level: string, message: string, fields: LogFields = {}): void {
    this.lines.push(`${level} ${message} ${inspect(fields, { depth: 5 })}`);
  }
}
