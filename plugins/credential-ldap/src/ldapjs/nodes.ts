/** The peer does not speak LDAP. */
export class NoLdap extends Error {
  override readonly name = 'NoLdap';
}

/** Where the contents of the node at an offset begin; undefined while its header is not complete. */
export const contentsOf = (bytes: Buffer, at: number): number | undefined => {
  const first = bytes[at + 1];
  if (first === undefined) return undefined;
  const more = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || more > 4) throw new NoLdap('the answer has a length that LDAP does not use');
  return at + 2 + more <= bytes.length ? at + 2 + more : undefined;
};

export const endOfNode = (bytes: Buffer, at: number): number | undefined => {
  const contents = contentsOf(bytes, at);
  if (contents === undefined) return undefined;
  const more = contents - at - 2;
  return contents + (more === 0 ? bytes.readUInt8(at + 1) : bytes.readUIntBE(at + 2, more));
};

/** Reads the nodes of a message one after the other (BER, X.690 section 8.1; RFC 4511 section 5.1: definite lengths, tags of one byte). */
export class Nodes {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Tag of the next node; undefined after the last. */
  get tag(): number | undefined {
    return this.#bytes[this.#at];
  }

  /** The contents of the next node. Throws a `NoLdap` when it has another tag or breaks off. */
  take(tag: number): Buffer {
    if (this.tag !== tag) throw new NoLdap('the answer is not made as LDAP has it');
    const contents = contentsOf(this.#bytes, this.#at);
    const end = endOfNode(this.#bytes, this.#at);
    if (contents === undefined || end === undefined || end > this.#bytes.length)
      throw new NoLdap('the lengths in the answer do not add up');
    this.#at = end;
    return this.#bytes.subarray(contents, end);
  }

  /** The contents of the next node if it has this tag. */
  takeIf(tag: number): Buffer | undefined {
    return this.tag === tag ? this.take(tag) : undefined;
  }
}
