/** Before a login a server has little to say. */
const maxResponseBytes = 16_384;

/** What came is no IMAP, or more of it than a server has to say. */
export class NotImap extends Error {
  override readonly name = 'NotImap';
}

const lineEnd = Buffer.from('\r\n');
const literal = /\{(\d+)\+?\}$/;

/** Cuts a stream of bytes into responses (RFC 3501 §7), literals included. Knows no socket. */
export class ResponseReader {
  #buffer: Buffer = Buffer.alloc(0);
  /** Where the line begins that is being read; above 0 after a literal. */
  #line = 0;

  push(chunk: Uint8Array): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
  }

  /** Bytes that came and were not read yet. */
  get pending(): number {
    return this.#buffer.length;
  }

  /** The next whole response in latin1, without its line end; undefined when more must come. Throws `NotImap`. */
  next(): string | undefined {
    for (;;) {
      const end = this.#buffer.indexOf(lineEnd, this.#line);
      if (end > maxResponseBytes || (end < 0 && this.#buffer.length > maxResponseBytes)) throw new NotImap('the response is too long');
      if (end < 0) return undefined;
      const [, bytes] = literal.exec(this.#buffer.toString('latin1', this.#line, end)) ?? [];
      if (bytes === undefined) return this.#take(end);
      const next = end + lineEnd.length + Number(bytes);
      if (next > maxResponseBytes) throw new NotImap('the response is too long');
      if (next > this.#buffer.length) return undefined;
      this.#line = next;
    }
  }

  #take(end: number): string {
    const response = this.#buffer.toString('latin1', 0, end);
    this.#buffer = this.#buffer.subarray(end + lineEnd.length);
    this.#line = 0;
    return response;
  }
}
