import { contentsOf, endOfNode, NoLdap } from './nodes.js';

const sequenceTag = 0x30;
const constructed = 0x20;

/** One entry with the attributes we ask for is far smaller; what is longer comes from no directory. */
const longestMessage = 4 * 1024 * 1024;
/** LDAP's own answers need seven. */
const deepest = 20;

/**
 * Cuts what comes in into whole messages whose lengths add up (BER, X.690 section 8.1, within the limits of RFC 4511 section
 * 5.1). ldapjs's own reader waits for whatever a length announces, recurses once for every message that came along, and fills
 * the memory without end when a length in an entry is wrong; after this check nobody finds anything of the kind.
 */
export class Frames {
  readonly #unread: Buffer[] = [];
  #size = 0;
  /** Bytes that must be there before another look is worth it: a message that comes byte by byte is put together once. */
  #wanted = 0;

  /** Whether no message has begun. */
  get empty(): boolean {
    return this.#size === 0;
  }

  /** Throws a `NoLdap`; nothing can be read after that. */
  push(chunk: Buffer): readonly Buffer[] {
    this.#unread.push(chunk);
    this.#size += chunk.length;
    return this.#size < this.#wanted ? [] : this.#cut(this.#unread.length === 1 ? chunk : Buffer.concat(this.#unread));
  }

  #cut(bytes: Buffer): readonly Buffer[] {
    const messages: Buffer[] = [];
    let rest = bytes;
    let end = endOfMessage(rest);
    for (; end !== undefined && end <= rest.length; end = endOfMessage(rest)) {
      const message = rest.subarray(0, end);
      checkNode(message, 0, end, 0);
      messages.push(message);
      rest = rest.subarray(end);
    }
    this.#unread.splice(0, Infinity, ...(rest.length === 0 ? [] : [rest]));
    this.#size = rest.length;
    this.#wanted = end ?? 0;
    return messages;
  }
}

/** Undefined while its length is not there yet. */
const endOfMessage = (bytes: Buffer): number | undefined => {
  if (bytes.length > 0 && bytes[0] !== sequenceTag) throw new NoLdap('the answer is no LDAP');
  const end = endOfNode(bytes, 0);
  if (end !== undefined && end > longestMessage) throw new NoLdap('the answer is too long');
  return end;
};

/** Every node lies within the one around it, and the last ends where that ends. Answers where this one ends. */
const checkNode = (bytes: Buffer, at: number, limit: number, depth: number): number => {
  const contents = contentsOf(bytes, at);
  const end = endOfNode(bytes, at);
  if (contents === undefined || end === undefined || end > limit || depth > deepest)
    throw new NoLdap('the lengths in the answer do not add up');
  if (((bytes[at] ?? 0) & constructed) === 0) return end;
  for (let inner = contents; inner < end;) inner = checkNode(bytes, inner, end, depth + 1);
  return end;
};
