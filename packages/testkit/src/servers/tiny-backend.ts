import { createServer, type Server, type Socket } from 'node:net';
import { freePort } from './endpoint.js';
import type { MailProtocol } from './nginx-config.js';
import { withFreshPorts } from './retry-ports.js';
import type { ServerRoom } from './server-room.js';
import { tinyImap } from './tiny-imap.js';
import { tinyPop3 } from './tiny-pop3.js';
import type { TinyBook, TinySession } from './tiny-session.js';
import { tinySmtp } from './tiny-smtp.js';

export interface TinyBackendOptions {
  readonly protocol: MailProtocol;
  /** Clients can see it: see `tinyImap`, `tinyPop3`, `tinySmtp`. */
  readonly name: string;
  /** An IP literal; 127.0.0.1 when absent. */
  readonly host?: string;
  /** Replaces the usual reply to a command, for example to refuse it; whole lines with CRLF. `undefined`: the usual reply. */
  readonly answer?: (command: string) => string | undefined;
}

const sessionOf = (protocol: MailProtocol, book: TinyBook): TinySession => {
  switch (protocol) {
    case 'imap':
      return tinyImap(book);
    case 'pop3':
      return tinyPop3(book);
    case 'smtp':
      return tinySmtp(book);
  }
};

/** A mail server in a few lines, for what a real one is no good for: every login is right, and everything is written down. */
export class TinyBackend implements TinyBook {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly logins: TinyBook['logins'] = [];
  readonly messages: TinyBook['messages'] = [];
  /** Every line received, of all connections. */
  readonly commands: string[] = [];
  readonly #options: TinyBackendOptions;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  private constructor(options: TinyBackendOptions, port: number) {
    this.#options = options;
    this.name = options.name;
    this.host = options.host ?? '127.0.0.1';
    this.port = port;
  }

  static start(room: ServerRoom, options: TinyBackendOptions): Promise<TinyBackend> {
    return withFreshPorts(async () => {
      const backend = new TinyBackend(options, await freePort());
      await backend.start();
      room.onClose(() => backend.stop());
      return backend;
    });
  }

  /** Listens again on the same port. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const server = createServer((socket) => this.#serve(socket));
      server.once('error', reject);
      server.listen({ host: this.host, port: this.port }, () => {
        this.#server = server;
        resolve();
      });
    });
  }

  /** Stops listening and drops every connection. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  #serve(socket: Socket): void {
    const session = sessionOf(this.#options.protocol, this);
    let unread = '';
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket)).on('error', () => socket.destroy());
    socket.setEncoding('utf8').on('data', (text: string | Buffer) => {
      unread += text.toString();
      for (let end = unread.indexOf('\n'); end >= 0; end = unread.indexOf('\n')) {
        this.#answer(socket, session, unread.slice(0, end).replace(/\r$/u, ''));
        unread = unread.slice(end + 1);
      }
    });
    socket.write(session.greeting);
  }

  #answer(socket: Socket, session: TinySession, line: string): void {
    this.commands.push(line);
    const scripted = this.#options.answer?.(line);
    if (scripted !== undefined) {
      socket.write(scripted);
      return;
    }
    const { reply, close } = session.take(line);
    if (reply !== '') socket.write(reply);
    if (close === true) socket.end();
  }
}
