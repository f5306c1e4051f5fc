import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createSecureContext, TLSSocket, type SecureContextOptions } from 'node:tls';
import { integer, node, nodesIn, numberIn, readNode, text, type Node } from './ber.js';

/** What a client sent, taken apart by nobody but us: so tests see the bytes, not what a library makes of them. */
export type Request =
  | { readonly kind: 'bind'; readonly id: number; readonly name: string; readonly password: Buffer; readonly encrypted: boolean }
  | { readonly kind: 'search'; readonly id: number; readonly base: string; readonly filter: Node; readonly attributes: readonly string[] }
  | { readonly kind: 'starttls' | 'unbind' | 'other'; readonly id: number };

export interface Play {
  readonly socket: Socket;
  readonly write: (...messages: readonly Buffer[]) => void;
  /** Changes to TLS, as the server. */
  readonly secure: () => void;
}

export type Answering = (request: Request, play: Play) => void;

const message = (id: number, operation: Buffer, ...more: readonly Buffer[]): Buffer => node(0x30, integer(id), operation, ...more);
const result = (code: number, words: string): readonly Buffer[] => [integer(code, 0x0a), text(''), text(words)];

export const bound = (id: number, code = 0, words = '', ...controls: readonly Buffer[]): Buffer =>
  message(id, node(0x61, ...result(code, words)), ...(controls.length === 0 ? [] : [node(0xa0, ...controls)]));

export const done = (id: number, code = 0, words = ''): Buffer => message(id, node(0x65, ...result(code, words)));

export const extended = (id: number, code = 0): Buffer => message(id, node(0x78, ...result(code, '')));

export const found = (id: number, dn: string | Buffer, values: Readonly<Record<string, readonly (string | Buffer)[]>> = {}): Buffer =>
  message(
    id,
    node(
      0x64,
      text(dn),
      node(0x30, ...Object.entries(values).map(([name, each]) => node(0x30, text(name), node(0x31, ...each.map((value) => text(value)))))),
    ),
  );

export const reference = (id: number, url: string): Buffer => message(id, node(0x73, text(url)));

/** A password policy's response control with an error. */
export const policyError = (error: number): Buffer => node(0x30, text('1.3.6.1.4.1.42.2.27.8.5.1'), text(node(0x30, integer(error, 0x81))));

const read = (bytes: Buffer, encrypted: boolean): Request => {
  const [idNode, operation] = nodesIn(bytes);
  const id = numberIn(idNode!);
  const { tag, value } = operation!;
  if (tag === 0x60) {
    const [, name, password] = nodesIn(value);
    return { kind: 'bind', id, name: name!.value.toString(), password: password!.value, encrypted };
  }
  if (tag === 0x63) {
    const [base, , , , , , filter, attributes] = nodesIn(value);
    const names = nodesIn(attributes!.value).map((each) => each.value.toString());
    return { kind: 'search', id, base: base!.value.toString(), filter: filter!, attributes: names };
  }
  if (tag === 0x77) return { kind: 'starttls', id };
  return { kind: tag === 0x42 ? 'unbind' : 'other', id };
};

/** A directory that says what a test wants, byte by byte, and writes down what it was asked. */
export class ScriptedDirectory {
  readonly requests: Request[] = [];
  /** Connections so far. */
  taken = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  answer: Answering;

  private constructor(answer: Answering, tls: SecureContextOptions | undefined) {
    this.answer = answer;
    this.#server = createServer((socket) => this.#serve(socket, tls));
  }

  static async start(answer: Answering, tls?: SecureContextOptions, host = '127.0.0.1'): Promise<ScriptedDirectory> {
    const directory = new ScriptedDirectory(answer, tls);
    await new Promise<void>((resolve) => directory.#server.listen(0, host, resolve));
    return directory;
  }

  get url(): string {
    return `ldap://127.0.0.1:${this.port}`;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get open(): number {
    return this.#sockets.size;
  }

  binds(): readonly Extract<Request, { kind: 'bind' }>[] {
    return this.requests.filter((each) => each.kind === 'bind');
  }

  searches(): readonly Extract<Request, { kind: 'search' }>[] {
    return this.requests.filter((each) => each.kind === 'search');
  }

  dropAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.dropAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket, tls: SecureContextOptions | undefined): void {
    this.#sockets.add(socket);
    this.taken += 1;
    socket.setNoDelay(true).on('close', () => this.#sockets.delete(socket));
    this.#listen(socket, tls);
  }

  #listen(socket: Socket, tls: SecureContextOptions | undefined): void {
    let unread = Buffer.alloc(0);
    const secure = (): void => {
      socket.removeAllListeners('data');
      this.#listen(new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(tls) }), tls);
    };
    const play: Play = { socket, secure, write: (...messages) => socket.write(Buffer.concat(messages)) };
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      unread = Buffer.concat([unread, chunk]);
      for (let next = readNode(unread); next !== undefined; next = readNode(unread)) {
        unread = unread.subarray(next.size);
        const request = read(next.node.value, socket instanceof TLSSocket);
        this.requests.push(request);
        this.answer(request, play);
      }
    });
  }
}

/** A directory with one entry, found by whatever filter but the one for the root; binds as it hold for one password. */
export const oneEntry =
  (dn: string | Buffer, password: string, values: Parameters<typeof found>[2] = {}): Answering =>
  (request, { write }) => {
    if (request.kind === 'search') write(...(request.base === '' ? [] : [found(request.id, dn, values)]), done(request.id));
    else if (request.kind === 'bind') write(bound(request.id, request.name !== dn || request.password.toString() === password ? 0 : 49));
  };
