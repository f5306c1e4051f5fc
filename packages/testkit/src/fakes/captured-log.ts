import { inspect } from 'node:util';
import type { Log, LogFields } from '@postern/contract';

/** One line, as the plugin wrote it. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

/** Keeps every line; redacts nothing, so that a test sees what a plugin handed over. */
export class CapturedLog implements Log {
  readonly lines: LogLine[] = [];

  debug(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'debug', message, fields });
  }

  info(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'info', message, fields });
  }

  warn(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'warn', message, fields });
  }

  error(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'error', message, fields });
  }

  /** Everything said so far, errors with their causes and stacks included, to be searched for what must not be there. */
  text(): string {
    return this.lines.map((line) => `${line.level} ${line.message} ${inspect(line.fields, { depth: 10, showHidden: true })}`).join('\n');
  }
}
