import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Encoded, HeaderField } from '@postern/auth-http';
import { askedIn, type Asking } from './asking.js';
import type { Expiring, Sweep } from './sweep.js';

/** What the exchanges of an Express door share. */
export interface HttpExchangeParts {
  readonly asking: Asking;
  readonly pending: Sweep<HttpExchange>;
  /** Connections that end with the answer to what was asked on them already. */
  readonly ending: WeakSet<Socket>;
  /** Whether the door is closing: then no connection is kept. */
  leaving(): boolean;
}

/** One request of the Express door and its one reply. */
export class HttpExchange implements Expiring {
  /** When the reply must be out, on the clock's `monotonic`. */
  readonly due: number;
  place = -1;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #parts: HttpExchangeParts;
  readonly #headers: readonly HeaderField[];
  #keeps: boolean;

  constructor(request: IncomingMessage, response: ServerResponse, parts: HttpExchangeParts, due: number) {
    this.#request = request;
    this.#response = response;
    this.#parts = parts;
    this.#headers = fieldsOf(request.rawHeaders);
    this.#keeps = !hasBody(request);
    this.due = due;
  }

  /**
   * Any path, `GET` of HTTP/1.0 or 1.1 only: the same rule as at the nginx door (rule 11). What follows a question that has a body, or wants
   * no other behind it, is none, though Node's parser reads on (rule 03).
   */
  serve(): void {
    const { method, httpVersion, socket } = this.#request;
    const { ending } = this.#parts;
    if (ending.has(socket)) return;
    const understood = method === 'GET' && (httpVersion === '1.1' || httpVersion === '1.0');
    this.#keeps &&= understood && this.#response.shouldKeepAlive;
    if (!this.#keeps) ending.add(socket);
    if (!understood) {
      this.#reply(this.#parts.asking.refuse('malformed', 'it is no GET request of HTTP/1.0 or 1.1', askedIn(this.#headers)));
      return;
    }
    this.#parts.pending.add(this);
    this.#parts.asking.answer(this.#headers, (encoded) => this.#reply(encoded));
  }

  expire(): void {
    this.#reply(this.#parts.asking.refuse('slow', 'there was no answer within the deadline', askedIn(this.#headers)));
  }

  /** For a bug on the way here. */
  fail(cause: unknown): void {
    this.#reply(this.#parts.asking.failed(cause));
  }

  #reply(encoded: Encoded): void {
    this.#parts.pending.delete(this);
    if (this.#response.headersSent) return;
    try {
      this.#write(encoded.headers);
    } catch (cause) {
      // Node refuses some bytes in a header value that nginx would take.
      this.#write(this.#parts.asking.failed(cause).headers);
    }
  }

  /** Only what the encoder says, plus framing: whatever a framework adds eats from nginx's 1024 bytes (rules 40, 41). */
  #write(headers: readonly HeaderField[]): void {
    const lines = headers.flat();
    lines.push('Content-Length', '0');
    if (!this.#keeps || this.#parts.leaving()) lines.push('Connection', 'close');
    this.#response.sendDate = false;
    this.#response.writeHead(200, lines);
    this.#response.end();
  }
}

/** `rawHeaders` and not `headers`: there Node has joined what came twice (rule 08). */
const fieldsOf = (raw: readonly string[]): readonly HeaderField[] => {
  const fields: HeaderField[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) fields.push([raw[at] ?? '', raw[at + 1] ?? '']);
  return fields;
};

/** A body is never read (rule 03), so what follows it on the connection cannot be told apart from it. */
const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
