import type { Log, LogFields } from '@postern/contract';
import { pino, type Logger } from 'pino';
import type { LogStream } from './destination.js';
import { Threshold, type LogLevel, type WrittenLevel } from './log-level.js';
import { plainText, withoutUrlPasswords } from './plain-text.js';
import { redact } from './redact.js';

/** The contract's `Log` over pino: every line redacted and free of control characters, tagged with the instance it came from. */
export class GatewayLog implements Log {
  readonly #logger: Logger;
  readonly #threshold: Threshold;
  /** What a line says of itself is the host's: a plugin's field of the same name must not pass for it. */
  readonly #reserved: ReadonlySet<string>;

  private constructor(logger: Logger, threshold: Threshold, reserved: ReadonlySet<string>) {
    this.#logger = logger;
    this.#threshold = threshold;
    this.#reserved = reserved;
  }

  /** `destination` gets whole lines. */
  static to(destination: LogStream, level: LogLevel): GatewayLog {
    return new GatewayLog(
      pino(
        { level: 'trace', base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
        destination,
      ),
      new Threshold(level),
      new Set(['level', 'time', 'msg']),
    );
  }

  /** The same log with a tag on every line, which no field can pass for. Without tags, a field of such a name is what it says. */
  tagged(tags: Readonly<Record<string, string>>): GatewayLog {
    return new GatewayLog(this.#logger.child(redact(tags)), this.#threshold, new Set([...this.#reserved, ...Object.keys(tags)]));
  }

  /** For this log and all its tagged ones. */
  setLevel(level: LogLevel): void {
    this.#threshold.set(level);
  }

  /** Whether such a line would be written: a silent log must cost nothing per login. */
  enabled(level: WrittenLevel): boolean {
    return this.#threshold.admits(level);
  }

  debug(message: string, fields?: LogFields): void {
    this.#write('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#write('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#write('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#write('error', message, fields);
  }

  /** For lines whose every field this app made itself and knows to be harmless: no walk through the fields. */
  writeClean(level: 'info' | 'warn', message: string, fields: Readonly<Record<string, string | number | boolean | undefined>>): void {
    if (this.#threshold.admits(level)) this.#logger[level](fields, message);
  }

  #write(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: LogFields | undefined): void {
    if (!this.#threshold.admits(level)) return;
    const text = plainText(withoutUrlPasswords(message), 4096);
    if (fields === undefined) this.#logger[level](text);
    else this.#logger[level](redact(this.#own(fields)), text);
  }

  #own(fields: LogFields): LogFields {
    const taken = (name: string): boolean => this.#reserved.has(name);
    if (!Object.keys(fields).some(taken)) return fields;
    return Object.fromEntries(Object.entries(fields).map(([name, value]) => [taken(name) ? `${name}_` : name, value]));
  }
}
