import { connect, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { TlsMaterial } from '../tls-material.js';
import { parseResponse, type Response } from './response.js';
import { ResponseReader } from './response-reader.js';

interface Waiter {
  readonly resolve: (response: Response) => void;
  readonly reject: (cause: Error) => void;
}

/** What a goodbye may take, in milliseconds, before the connection is closed anyway. */
const farewellMs = 1000;

/** One connection: bytes out, responses in. Ends for good at the first trouble, and when its signal aborts. */
export class Connection {
  readonly #signal: AbortSignal;
  #socket: Socket;
  #reader = new ResponseReader();
  #waiter: Waiter | undefined;
  #failure: Error | undefined;

  private constructor(socket: Socket, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
    signal.addEventListener('abort', this.#giveUp, { once: true });
    this.#listen(socket);
  }

  static async open(address: { readonly host: string; readonly port: number }, signal: AbortSignal): Promise<Connection> {
    signal.throwIfAborted();
    const socket = connect({ host: address.host, port: address.port, noDelay: true });
    const connection = new Connection(socket, signal);
    await connection.#ready(socket, 'connect');
    return connection;
  }

  get socket(): Socket {
    return this.#socket;
  }

  /**
   * From now on everything is encrypted. Fails when the other side has already said more: somebody in between could have put it
   * there, to be taken for what the encrypted server says.
   */
  async encrypt(material: TlsMaterial): Promise<void> {
    if (this.#reader.pending > 0) throw this.#fail(new Error('the server said something between STARTTLS and TLS'));
    const plain = this.#socket;
    plain.removeAllListeners('data');
    const { name, ...options } = material;
    const settings: ConnectionOptions = {
      ...options,
      socket: plain,
      rejectUnauthorized: true,
      checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
      ...(isIP(name) === 0 && { servername: name }),
    };
    const socket = connectTls(settings);
    this.#socket = socket;
    this.#reader = new ResponseReader();
    this.#listen(socket);
    await this.#ready(socket, 'secureConnect');
  }

  write(bytes: string | Uint8Array): void {
    if (this.#failure === undefined) this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** The next response. Rejects when the connection ends first, or when what comes is no IMAP. */
  response(): Promise<Response> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#waiter = { resolve, reject };
      this.#deliver();
    });
  }

  /** Says goodbye without waiting for it. */
  end(farewell = ''): void {
    this.#release();
    const socket = this.#socket;
    if (this.#failure !== undefined || farewell === '') {
      socket.destroy();
      return;
    }
    this.#failure = new Error('the connection was ended');
    socket.setTimeout(farewellMs, () => socket.destroy());
    socket.end(farewell);
  }

  #listen(socket: Socket): void {
    socket.on('data', (chunk) => {
      if (this.#failure !== undefined) return;
      this.#reader.push(chunk);
      this.#deliver();
    });
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
    socket.on('end', () => this.#fail(new Error('the server closed the connection')));
  }

  #ready(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve: () => undefined, reject };
      if (this.#failure !== undefined) return reject(this.#failure);
      socket.once(event, () => {
        this.#waiter = undefined;
        resolve();
      });
    });
  }

  #deliver(): void {
    const waiter = this.#waiter;
    if (waiter === undefined) return;
    try {
      const text = this.#reader.next();
      if (text === undefined) return;
      this.#waiter = undefined;
      waiter.resolve(parseResponse(text));
    } catch (error) {
      this.#waiter = waiter;
      this.#fail(error as Error);
    }
  }

  readonly #giveUp = (): void => {
    const { reason } = this.#signal as { reason: unknown };
    this.#fail(reason instanceof Error ? reason : new Error('given up'));
  };

  #fail(cause: Error): Error {
    if (this.#failure !== undefined) return this.#failure;
    this.#failure = cause;
    this.#release();
    this.#socket.destroy();
    this.#waiter?.reject(cause);
    this.#waiter = undefined;
    return cause;
  }

  #release(): void {
    this.#signal.removeEventListener('abort', this.#giveUp);
  }
}
