import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { KeyPair } from '@postern/testkit';

/**
 * One connection as the script sees it. Lines have no line end; `say` adds it. Tags are `P1`, `P2` … here and in what was heard; on the
 * wire each connection's have a beginning of their own.
 */
export interface Visit {
  say(...lines: readonly string[]): void;
  raw(bytes: string): void;
  /** Turns TLS on, after having said `last` in clear. */
  encrypt(last?: string): void;
  drop(): void;
}

export type Script = (line: string, visit: Visit) => void;

export interface ScriptedServerOptions {
  /** Default: `* OK ready`. */
  readonly greeting?: string;
  /** Called for each line, greeted connections only. */
  readonly script: Script;
  readonly pair?: KeyPair;
  /** TLS from the first byte. */
  readonly implicit?: boolean;
  /** A PROXY header comes before everything. */
  readonly expectsProxy?: boolean;
}

const wireTag = /(?<=^|\n)(P[0-9a-f]{12}\.)(?=\d+ )/g;

/** An IMAP server on a random port of 127.0.0.1 that says what a test wants. */
export class ScriptedServer {
  /** All that clients said, in latin1, in order of arrival. */
  heard = '';
  open = 0;
  taken = 0;
  /** Most connections that were open at once. */
  most = 0;
  readonly #options: ScriptedServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(options: ScriptedServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(options: ScriptedServerOptions): Promise<ScriptedServer> {
    const server = new ScriptedServer(options);
    await new Promise<void>((ready) => server.#server.listen(0, '127.0.0.1', ready));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get lines(): readonly string[] {
    return this.heard.split('\r\n').filter((line) => line !== '');
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    this.taken += 1;
    this.open += 1;
    this.most = Math.max(this.most, this.open);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.open -= 1;
      this.#sockets.delete(socket);
    });
    if (this.#options.expectsProxy === true) {
      socket.once('data', (chunk: Buffer) => {
        const end = chunk.indexOf('\r\n') + 2;
        this.heard += chunk.toString('latin1', 0, end);
        socket.pause();
        socket.unshift(chunk.subarray(end));
        this.#greet(socket);
        if (this.#options.implicit !== true) socket.resume();
      });
    } else this.#greet(socket);
  }

  #greet(socket: Socket): void {
    const { greeting = '* OK ready', implicit = false } = this.#options;
    const stream = implicit ? this.#secure(socket) : socket;
    if (greeting !== '') stream.write(`${greeting}\r\n`);
    this.#talk(stream, socket);
  }

  #talk(stream: Socket, plain: Socket): void {
    let rest = '';
    let beginning = 'P';
    const onWire = (text: string): string => text.replace(/^P(?=\d+ )/gm, beginning);
    const visit: Visit = {
      say: (...lines) => void stream.write(onWire(lines.map((line) => `${line}\r\n`).join('')), 'latin1'),
      raw: (bytes) => void stream.write(bytes, 'latin1'),
      encrypt: (last = '') => {
        stream.removeAllListeners('data');
        if (last !== '') stream.write(onWire(last));
        this.#talk(this.#secure(plain), plain);
      },
      drop: () => void plain.destroy(),
    };
    stream.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1').replace(wireTag, (_, from: string) => {
        beginning = from;
        return 'P';
      });
      this.heard += text;
      const lines = (rest + text).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#options.script(line, visit);
    });
  }

  #secure(socket: Socket): TLSSocket {
    const { pair } = this.#options;
    if (pair === undefined) throw new Error('give the server a certificate');
    const secured = new TLSSocket(socket, { isServer: true, cert: readFileSync(pair.cert), key: readFileSync(pair.key) });
    secured.on('error', () => undefined);
    return secured;
  }
}

/** Answers CAPABILITY with `names`, ID with OK, and logins with `reply` (tag added), once it has heard all of them. */
export const answering = (names: string, reply: string): Script => {
  const asking = new WeakMap<Visit, string>();
  return (line, visit) => {
    const begun = asking.get(visit);
    const [tag = '', word = '', ...rest] = line.split(' ');
    switch (begun === undefined ? word.toUpperCase() : 'MORE') {
      case 'CAPABILITY':
        return visit.say(`* CAPABILITY IMAP4rev1 ${names}`, `${tag} OK done`);
      case 'ID':
        return visit.say('* ID NIL', `${tag} OK done`);
      case 'AUTHENTICATE':
      case 'LOGIN':
        if (!/^PLAIN$|\{\d+\}$/.test(rest.join(' '))) return visit.say(`${tag} ${reply}`);
        asking.set(visit, tag);
        return visit.say('+ go on');
      case 'MORE':
        if (/\{\d+\}$/.test(line)) return visit.say('+ go on');
        asking.delete(visit);
        return visit.say(`${begun} ${reply}`);
      default:
    }
  };
};

/** As `answering`, without waiting for what is still to come. */
export const answeringEarly =
  (names: string, reply: string): Script =>
  (line, visit) =>
    /AUTHENTICATE|LOGIN/.test(line) ? visit.say(`${line.split(' ')[0] ?? ''} ${reply}`) : answering(names, reply)(line, visit);
