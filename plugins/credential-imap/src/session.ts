import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import type { ImapConfig } from './config.js';
import type { Place } from './place.js';
import { tlsMaterial } from './tls-material.js';
import { Connection } from './wire/connection.js';
import { proxyHeader } from './wire/proxy-header.js';
import type { Reply } from './wire/response.js';

/** A server must come to the point. */
const maxResponses = 100;

/** The server said something that leaves no answer to be expected; the message is for the operator. */
export class ServerTrouble extends Error {
  override readonly name = 'ServerTrouble';
}

/** A conversation with the server from the greeting to the login. */
export class Session {
  readonly #connection: Connection;
  #capabilities: ReadonlySet<string> | undefined;
  /** Nobody who cannot read along knows it: what was sent before we asked is never taken for the answer. */
  readonly #tagPrefix = `P${randomBytes(6).toString('hex')}.`;
  #tags = 0;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Connects, encrypts as configured, and learns what the server can do. `clientIp`: for the PROXY header. */
  static async open(place: Place, config: ImapConfig, clientIp: string, signal: AbortSignal): Promise<Session> {
    const { startTls, proxyProtocol } = config;
    const material = place.tls || startTls ? await tlsMaterial(config.tls, place.host) : undefined;
    const connection = await Connection.open({ host: place.address, port: place.port }, signal);
    const session = new Session(connection);
    try {
      if (proxyProtocol) connection.write(proxyHeader(clientIp, connection.socket));
      if (place.tls && material !== undefined) await connection.encrypt(material);
      await session.#greeting();
      if (startTls && material !== undefined) {
        expectOk(await session.#command('STARTTLS'), 'STARTTLS');
        await connection.encrypt(material);
        // What was said before could have come from anybody (RFC 3501 §6.2.1).
        session.#capabilities = undefined;
      }
      if (session.#capabilities === undefined) expectOk(await session.#command('CAPABILITY'), 'CAPABILITY');
      return session;
    } catch (error) {
      connection.end();
      throw error;
    }
  }

  /** Tells servers that trust us whose login this is (RFC 2971; Dovecot's `login_trusted_networks`). A no does not matter. */
  async introduce(clientIp: string): Promise<void> {
    if (!this.#can('ID') || isIP(clientIp) === 0) return;
    await this.#command(`ID ("name" "postern" "x-originating-ip" "${clientIp}")`);
  }

  /** Neither may hold NUL. */
  login(user: Uint8Array, password: Uint8Array): Promise<Reply> {
    if (this.#can('AUTH=PLAIN')) return this.#authenticate(user, password);
    if (this.#can('LOGINDISABLED')) throw new ServerTrouble('the server takes no passwords on this connection; it may want TLS');
    return this.#command('LOGIN', [literalOf(user), literalOf(password)]);
  }

  /** Without waiting for an answer. */
  end(): void {
    this.#connection.end(`${this.#tag()} LOGOUT\r\n`);
  }

  #authenticate(user: Uint8Array, password: Uint8Array): Promise<Reply> {
    const nul = Uint8Array.of(0);
    const message = Buffer.concat([nul, user, nul, password]).toString('base64');
    if (this.#can('SASL-IR')) return this.#command(`AUTHENTICATE PLAIN ${message}`);
    return this.#command('AUTHENTICATE PLAIN', [{ announced: '', bytes: Buffer.from(message) }]);
  }

  #can(name: string): boolean {
    return this.#capabilities?.has(name) === true;
  }

  #tag(): string {
    this.#tags += 1;
    return `${this.#tagPrefix}${this.#tags}`;
  }

  async #greeting(): Promise<void> {
    const response = await this.#connection.response();
    switch (response.kind) {
      case 'greeting':
        this.#learn(response.names);
        return;
      case 'preauth':
        throw new ServerTrouble('the server greets as if somebody had logged in already: it cannot judge a password');
      case 'bye':
        throw new ServerTrouble('the server greets with BYE');
      default:
        throw new ServerTrouble('the server’s greeting is none');
    }
  }

  /**
   * `parts` follow one by one, each when the server asks for more; the last is the password. A BYE on the way is no answer, and neither
   * is what comes before all was said: it says nothing of a password that the server has not seen.
   */
  async #command(line: string, parts: readonly Part[] = []): Promise<Reply> {
    const tag = this.#tag();
    const [first, ...rest] = parts;
    this.#connection.write(`${tag} ${line}${first?.announced ?? ''}\r\n`);
    const left = first === undefined ? [] : [first, ...rest];
    for (let count = 0; count < maxResponses; count += 1) {
      const response = await this.#connection.response();
      switch (response.kind) {
        case 'tagged':
          if (response.tag !== tag) throw new ServerTrouble('the server answers what was not asked');
          this.#learn(response.names);
          if (left.length > 0) throw new ServerTrouble(`the server answers ${worded(response.reply)} before it heard the password`);
          return response.reply;
        case 'continue':
          this.#continue(left);
          break;
        case 'capability':
          this.#learn(response.names);
          break;
        case 'greeting':
          this.#learn(response.names);
          break;
        case 'preauth':
        case 'bye':
          throw new ServerTrouble(`the server says ${response.kind.toUpperCase()}`);
        case 'other':
          break;
      }
    }
    throw new ServerTrouble('the server says much and answers nothing');
  }

  #continue(left: Part[]): void {
    const part = left.shift();
    if (part === undefined) throw new ServerTrouble('the server asks for more than there is');
    this.#connection.write(Buffer.concat([part.bytes, Buffer.from(`${left[0]?.announced ?? ''}\r\n`)]));
  }

  #learn(names: readonly string[] | undefined): void {
    if (names !== undefined) this.#capabilities = new Set(names);
  }
}

interface Part {
  /** What stands at the end of the line before. */
  readonly announced: string;
  readonly bytes: Uint8Array;
}

/** Any bytes but NUL (RFC 3501 §4.3). */
const literalOf = (bytes: Uint8Array): Part => ({ announced: ` {${bytes.length}}`, bytes });

const worded = ({ status, code }: Reply): string => (code === undefined ? status : `${status} [${code.slice(0, 40)}]`);

const expectOk = ({ status }: Reply, what: string): void => {
  if (status !== 'OK') throw new ServerTrouble(`the server answers ${status} to ${what}`);
};
