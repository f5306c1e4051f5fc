import { createServer, type Server, type Socket } from 'node:net';
import type { ListenAddress } from '@postern/kernel';

/** What a server does with one connection. */
export type Script = (socket: Socket) => void;

/** Says this at once and hangs up. */
export const says =
  (text: string): Script =>
  (socket) =>
    socket.end(text, 'latin1');

/** Says this at once and nothing more. */
export const stalls =
  (text = ''): Script =>
  (socket) => {
    socket.resume();
    socket.write(text, 'latin1');
  };

/** Never stops saying this, and never ends a line. */
export const floods =
  (text: string): Script =>
  (socket) => {
    const more = (): void => void socket.write(text.repeat(2000), 'latin1');
    socket.on('drain', more);
    more();
  };

/** Greets, then answers each line. */
export const converses =
  (greeting: string, answer: (line: string) => string): Script =>
  (socket) => {
    let unread = '';
    socket.write(greeting, 'latin1');
    socket.setEncoding('latin1').on('data', (text: string | Buffer) => {
      unread += text.toString();
      for (let end = unread.indexOf('\r\n'); end >= 0; end = unread.indexOf('\r\n')) {
        const line = unread.slice(0, end);
        unread = unread.slice(end + 2);
        socket.write(answer(line), 'latin1');
      }
    });
  };

/** Answers a question of nginx's as a door would, by its header lines. */
export const answers = (answer: (question: string) => string): Script => {
  return (socket) => {
    let question = '';
    socket.setEncoding('latin1').on('data', (text: string | Buffer) => {
      question += text.toString();
      if (question.endsWith('\r\n\r\n')) socket.end(answer(question), 'latin1');
    });
  };
};

/** A server that does what it is told, on a port of its own. */
export class ScriptedServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(script: Script) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => this.#sockets.delete(socket));
      script(socket);
    });
  }

  static async start(script: Script): Promise<ScriptedServer> {
    const scripted = new ScriptedServer(script);
    await new Promise<void>((resolve) => scripted.#server.listen(0, '127.0.0.1', resolve));
    return scripted;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get address(): Extract<ListenAddress, { readonly kind: 'tcp' }> {
    return { kind: 'tcp', host: '127.0.0.1', port: this.port };
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
