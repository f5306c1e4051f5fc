const headerBytes = 5;
const [errorResponse, noticeResponse] = [0x45, 0x4e];
/** T, D, d, V, E, N, A: as libpq has it (`VALID_LONG_MESSAGE_TYPE` in fe-protocol3.c). */
const mayBeLong = new Set(Buffer.from('TDdVENA'));
const longest = 30_000;

/**
 * Looks at what a server sends before the driver does, for the driver's parser (pg-protocol 1.16) does not look where a message
 * ends: it goes on for ever in an error or a notice that lacks its last NUL, and takes the whole process with it. Also
 * gives up at a length that cannot be, instead of waiting for so many bytes.
 *
 * Frames: PostgreSQL's manual, "Message Formats".
 */
export class PostgresFrames {
  readonly #header = Buffer.alloc(headerBytes);
  #inHeader = 0;
  /** Bytes of the message that are still to come. */
  #left = 0;
  /** The last two bytes of the message so far. */
  #beforeLast = 0;
  #last = 0;

  /** Takes the next bytes; throws when they are no messages. */
  take(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) at = this.#inHeader < headerBytes ? this.#takeHeader(chunk, at) : this.#takeBody(chunk, at);
  }

  #takeHeader(chunk: Uint8Array, from: number): number {
    const to = Math.min(chunk.length, from + headerBytes - this.#inHeader);
    this.#header.set(chunk.subarray(from, to), this.#inHeader);
    this.#inHeader += to - from;
    if (this.#inHeader === headerBytes) this.#beginBody();
    return to;
  }

  #beginBody(): void {
    const length = this.#header.readUInt32BE(1);
    if (length < 4 || (length > longest && !mayBeLong.has(this.#code))) throw new Error('a message of a length that cannot be');
    this.#left = length - 4;
    // A body that is one NUL ends as well as one that ends in two.
    this.#beforeLast = this.#last = 0;
    if (this.#left === 0) this.#endBody(false);
  }

  #takeBody(chunk: Uint8Array, from: number): number {
    const to = Math.min(chunk.length, from + this.#left);
    this.#beforeLast = to - from > 1 ? (chunk[to - 2] ?? 0) : this.#last;
    this.#last = chunk[to - 1] ?? 0;
    this.#left -= to - from;
    if (this.#left === 0) this.#endBody(this.#beforeLast === 0 && this.#last === 0);
    return to;
  }

  #endBody(terminated: boolean): void {
    const listsFields = this.#code === errorResponse || this.#code === noticeResponse;
    if (listsFields && !terminated) throw new Error('an error message that does not end');
    this.#inHeader = 0;
  }

  get #code(): number {
    return this.#header[0] ?? 0;
  }
}
