import type { Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { connectTo, type Endpoint } from './endpoint.js';

export interface ConversationOptions {
  /** Sent before anything else, also before a TLS handshake: a PROXY header. */
  readonly preamble?: string;
  /** TLS from the start. */
  readonly tls?: ConnectionOptions;
}

const patienceMs = 45_000;

/**
 * A mail client that sends exactly what the test says. Text is UTF-8 in both directions; lines are given without CRLF. `line`,
 * `linesUntil` and `rest` reject when nothing comes for 15 seconds.
 */
export class Conversation {
  #socket: Socket | TLSSocket;
  #unread = '';
  #heard = '';
  #ended = false;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen(socket);
  }

  /** Resolves when connected (and, with `tls`, when the handshake is done). */
  static async open(endpoint: Endpoint, options: ConversationOptions = {}): Promise<Conversation> {
    const socket = connectTo(endpoint);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const conversation = new Conversation(socket);
    if (options.preamble !== undefined) conversation.send(options.preamble);
    if (options.tls !== undefined) await conversation.startTls(options.tls);
    return conversation;
  }

  send(bytes: string | Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Sends a line and answers the next line. */
  ask(line: string): Promise<string> {
    this.send(`${line}\r\n`);
    return this.line();
  }

  /** The next line; rejects when the other side closed without one. */
  async line(): Promise<string> {
    await this.#until(() => this.#unread.includes('\n'), 'a line');
    const end = this.#unread.indexOf('\n');
    const line = this.#unread.slice(0, end).replace(/\r$/u, '');
    this.#unread = this.#unread.slice(end + 1);
    return line;
  }

  /** Lines up to and with the first that matches. */
  async linesUntil(pattern: RegExp): Promise<readonly string[]> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.line();
      lines.push(line);
      if (pattern.test(line)) return lines;
    }
  }

  /** What is left to read once the other side has closed. */
  async rest(): Promise<string> {
    await this.#until(() => this.#ended, 'the end');
    return this.#unread;
  }

  async startTls(options: ConnectionOptions): Promise<void> {
    const plain = this.#socket;
    for (const event of ['data', 'end', 'close']) plain.removeAllListeners(event);
    const secure = connectTls({ servername: 'localhost', ...options, socket: plain });
    await new Promise<void>((resolve, reject) => {
      secure.once('secureConnect', resolve);
      secure.once('error', reject);
    });
    this.#socket = secure;
    this.#listen(secure);
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Closes with a RST. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  #listen(socket: Socket): void {
    socket.setEncoding('utf8');
    socket.on('data', (text: string | Buffer) => {
      this.#unread += text.toString();
      this.#heard += text.toString();
      this.#wake?.();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake?.();
    };
    // After a reset the test learns from the missing answer; the error itself adds nothing.
    socket.on('error', end).on('end', end).on('close', end);
  }

  #until(holds: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        finish();
      };
      const fail = (why: string): void => settle(() => reject(new Error(`${why} ${what}; heard so far:\n${this.#heard}`)));
      const timer = setTimeout(() => fail('waited too long for'), patienceMs);
      this.#wake = () => {
        if (holds()) settle(resolve);
        else if (this.#ended) fail('the other side closed before');
      };
      this.#wake();
    });
  }
}
