import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { ListenAddress } from '@postern/kernel';

/** Why a talk came to nothing, as the end of a sentence. */
export class TalkError extends Error {
  override readonly name = 'TalkError';
}

export interface TalkLimits {
  /** Milliseconds for all of it. */
  readonly ms: number;
  /** Bytes that the other side may say. */
  readonly bytes: number;
}

/** A talk with a server that may be slow, silent, endless or mad: it ends within its limits, in a `TalkError`. Text is latin1: bytes. */
export class Talk {
  readonly #limits: TalkLimits;
  readonly #timer: NodeJS.Timeout;
  #socket: Socket;
  #heard = '';
  #bytes = 0;
  #ended = false;
  #failure: TalkError | undefined;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket, limits: TalkLimits) {
    this.#limits = limits;
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#fail(new TalkError(`there was no answer within ${limits.ms} ms`)), limits.ms);
    this.#listen(socket);
  }

  /** Resolves when connected and, with `tls`, when the handshake is done. */
  static async open(address: ListenAddress, limits: TalkLimits, tls?: ConnectionOptions): Promise<Talk> {
    const socket = connect(address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port });
    const talk = new Talk(socket, limits);
    let connected = false;
    socket.once('connect', () => {
      connected = true;
      talk.#wake?.();
    });
    try {
      await talk.#until(() => connected);
      if (tls !== undefined) await talk.startTls(tls);
      return talk;
    } catch (error) {
      talk.close();
      throw error;
    }
  }

  send(bytes: string): void {
    this.#socket.write(bytes, 'latin1');
  }

  /** The next line, without its end. */
  async line(): Promise<string> {
    await this.#until(() => this.#heard.includes('\n'));
    const end = this.#heard.indexOf('\n');
    const line = this.#heard.slice(0, end).replace(/\r$/, '');
    this.#heard = this.#heard.slice(end + 1);
    return line;
  }

  /** Everything up to the first empty line; what there is when the other side ends before. */
  async head(): Promise<string> {
    await this.#until(() => (this.#ended && this.#failure === undefined) || /\r?\n\r?\n/.test(this.#heard));
    return this.#heard;
  }

  async startTls(options: ConnectionOptions): Promise<void> {
    if (this.#heard !== '') throw new TalkError('it said more in clear text than it may before TLS');
    const plain = this.#socket;
    for (const event of ['data', 'end', 'close']) plain.removeAllListeners(event);
    const secure = connectTls({ ...options, socket: plain });
    this.#socket = secure;
    this.#listen(secure);
    let done = false;
    secure.once('secureConnect', () => {
      done = true;
      this.#wake?.();
    });
    await this.#until(() => done);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#socket.destroy();
  }

  #listen(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => this.#hear(chunk));
    socket.on('error', (error) => this.#fail(new TalkError(reasonOf(error))));
    const end = (): void => {
      this.#ended = true;
      this.#wake?.();
    };
    socket.on('end', end).on('close', end);
  }

  #hear(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#limits.bytes) this.#fail(new TalkError(`it says more than ${this.#limits.bytes} bytes and does not end`));
    else this.#heard += chunk.toString('latin1');
    this.#wake?.();
  }

  #fail(error: TalkError): void {
    this.#failure ??= error;
    this.#socket.destroy();
    this.#wake?.();
  }

  #until(holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#wake = () => {
        if (holds()) resolve();
        else if (this.#failure !== undefined) reject(this.#failure);
        else if (this.#ended) reject(new TalkError('it closed the connection before it had answered'));
      };
      this.#wake();
    });
  }
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there (ECONNREFUSED)',
  ENOENT: 'there is no such socket (ENOENT)',
  EACCES: 'permission is missing (EACCES)',
  ECONNRESET: 'it reset the connection (ECONNRESET)',
  EPIPE: 'it closed the connection (EPIPE)',
  EHOSTUNREACH: 'there is no way to that host (EHOSTUNREACH)',
  ENETUNREACH: 'there is no way to that network (ENETUNREACH)',
  ETIMEDOUT: 'the connection timed out (ETIMEDOUT)',
  ENOTFOUND: 'the name has no address (ENOTFOUND)',
  EAI_AGAIN: 'the name cannot be looked up now (EAI_AGAIN)',
};

/** An error of a connection in words, for the end of a sentence. By shape: Node's own errors may be of another realm. */
export const reasonOf = (error: unknown): string => {
  const { code, message } = typeof error === 'object' && error !== null ? (error as { code?: unknown; message?: unknown }) : {};
  const said = typeof message === 'string' && message !== '' ? message : 'it failed';
  return typeof code === 'string' ? (reasons[code] ?? `${said} (${code})`) : said;
};
