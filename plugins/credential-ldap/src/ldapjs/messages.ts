import type { Query } from '../directory-types.js';
import { filterObject } from './filter-object.js';
import type { Library, RequestMessage, Writer } from './library.js';

const bindTag = 0x60;
const simpleTag = 0x80;

/** The two requests we send, as ldapjs's objects. */
export interface Messages {
  /** A simple bind with the password's own bytes; ldapjs's takes text, and would show it to a logger. */
  bind(name: string, password: Uint8Array): RequestMessage;
  /** `seconds`: how long the directory may look. */
  search(query: Query, seconds: number): RequestMessage;
}

/** Goes out as it is. ldapjs's `DN` misreads `\+1` and `\ a`, which Active Directory writes. */
class LiteralDn {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get [Symbol.toStringTag](): string {
    return 'LdapDn';
  }

  toString(): string {
    return this.#text;
  }
}

/** `pojo` is what ldapjs spells out for its logger at every request: nobody listens, and nobody should hear a password. */
export const messagesOf = (library: Library): Messages => {
  class SimpleBind extends library.BindRequest {
    readonly #name: string;
    readonly #password: Uint8Array;

    constructor(name: string, password: Uint8Array) {
      super({ controls: [new library.PasswordPolicyControl()] });
      this.#name = name;
      this.#password = password;
    }

    get pojo(): object {
      return {};
    }

    _toBer(writer: Writer): Writer {
      writer.startSequence(bindTag);
      writer.writeInt(3);
      writer.writeString(this.#name);
      writer.writeBuffer(Buffer.from(this.#password), simpleTag);
      writer.endSequence();
      return writer;
    }
  }

  class Search extends library.SearchRequest {
    get pojo(): object {
      return {};
    }
  }

  return {
    bind: (name, password) => new SimpleBind(name, password),
    search: ({ base, scope, filter, attributes }, seconds) =>
      new Search({
        baseObject: new LiteralDn(base),
        scope,
        sizeLimit: 2,
        timeLimit: seconds,
        filter: filterObject(library, filter),
        attributes: [...new Set(attributes)],
      }),
  };
};
