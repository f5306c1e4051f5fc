import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { text } from 'node:stream/consumers';
import type { AddressInfo, Socket } from 'node:net';
import type { KeyPair } from '@postern/testkit';

export interface Somebody {
  readonly token: string;
  readonly disabled?: boolean;
  readonly host?: string;
}

/** How the service behaves: well, never answering, broken, or saying what nobody understands. */
export type Mood = 'well' | 'silent' | 'broken' | 'garbage';

/** The company's token service, as small as it can be. It demands a client certificate of its authority. */
export class TokenServer {
  readonly #server: Server;
  readonly #people: ReadonlyMap<string, Somebody>;
  readonly #sockets = new Set<Socket>();
  mood: Mood = 'well';
  /** Questions about tokens. */
  asked = 0;

  constructor(authority: string, pair: KeyPair, people: ReadonlyMap<string, Somebody>) {
    this.#people = people;
    const tls = { ca: readFileSync(authority), cert: readFileSync(pair.cert), key: readFileSync(pair.key) };
    this.#server = createServer({ ...tls, requestCert: true, rejectUnauthorized: true }, (request, response) => {
      void text(request).then((body) => {
        if (this.mood === 'silent') return;
        const [status, said] = this.#answer(request.url ?? '', JSON.parse(body) as { readonly user?: string; readonly token?: string });
        response.writeHead(status, { 'content-type': 'application/json' }).end(said);
      });
    });
    this.#server.on('connection', (socket: Socket) => this.#sockets.add(socket.once('close', () => this.#sockets.delete(socket))));
    this.#server.on('tlsClientError', () => undefined);
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #answer(path: string, { user = '', token }: { readonly user?: string; readonly token?: string }): readonly [number, string] {
    if (path === '/verify') this.asked += 1;
    if (this.mood === 'broken') return [500, '{}'];
    if (this.mood === 'garbage') return [200, 'Welcome!'];
    if (path === '/health') return [200, '{}'];
    const found = this.#people.get(user);
    if (found === undefined) return [404, '{}'];
    const held = path === '/lookup' || found.token === token;
    if (found.disabled === true) return [423, JSON.stringify({ proofHeld: held })];
    return held ? [200, JSON.stringify(found.host === undefined ? {} : { host: found.host })] : [401, '{}'];
  }
}
