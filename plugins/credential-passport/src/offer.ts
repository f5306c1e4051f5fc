import type { LoginAttempt } from '@postern/contract';
import type { Fields } from './config.js';

export interface Offered {
  readonly login: string;
  readonly password: string;
  readonly client: LoginAttempt['client'];
}

/**
 * One login, dressed as the little of an HTTP request that strategies for user names and passwords look at: a form and a Basic
 * header. It notes what is looked at, since who never saw the password has not judged it.
 */
export class Offer {
  readonly request: object;
  #userSeen = false;
  #passwordSeen = false;
  #headerAsked = false;
  #headerSeen = false;
  #missed = false;

  /** Without `offered` there is nothing in it: a question that only an interactive strategy answers with anything but a no. */
  constructor(fields: Fields, offered?: Offered) {
    const body = watchedForm(() => (this.#missed = true));
    const headers = {};
    if (offered !== undefined) this.#fill(body, headers, fields, offered);
    this.request = {
      method: 'POST',
      url: '/',
      headers,
      body,
      query: {},
      ...(offered !== undefined && { ip: offered.client.ip }),
    };
  }

  /** Whether it was looked for, although it may not have been there: a Basic header that cannot be written. */
  get lookedAt(): boolean {
    return this.#headerAsked || this.passwordSeen;
  }

  get userSeen(): boolean {
    return this.#userSeen || this.#headerSeen;
  }

  get passwordSeen(): boolean {
    return this.#passwordSeen || this.#headerSeen;
  }

  /** Something was looked for in the form that is not there, as a password under another name is. */
  get missed(): boolean {
    return this.#missed;
  }

  /** The password was read from the header and nowhere else. */
  get onlyHeaderSeen(): boolean {
    return this.#headerSeen && !this.#passwordSeen;
  }

  #fill(body: object, headers: object, fields: Fields, { login, password }: Offered): void {
    define(body, fields.user, () => {
      this.#userSeen = true;
      return login;
    });
    define(body, fields.password, () => {
      this.#passwordSeen = true;
      return password;
    });
    define(headers, 'authorization', () => {
      this.#headerAsked = true;
      // RFC 7617 §2: a login with a colon cannot be said in a Basic header; it would read as another login.
      if (login.includes(':')) return undefined;
      this.#headerSeen = true;
      return `Basic ${basicOf(login, password)}`;
    });
  }
}

/** RFC 7617 §2. */
export const basicOf = (login: string, password: string): string => Buffer.from(`${login}:${password}`, 'utf8').toString('base64');

/** Looked for by the language itself. */
const usual: ReadonlySet<string | symbol> = new Set(['then', 'toJSON']);

/** An empty form; calls `missed` when something is read that was not put into it. By its prototype: a form can be copied, a proxy cannot. */
const watchedForm = (missed: () => void): object =>
  Object.create(
    new Proxy(Object.prototype, {
      get: (target, name, form) => {
        if (typeof name === 'string' && !(name in target) && !usual.has(name)) missed();
        return Reflect.get(target, name, form) as unknown;
      },
    }),
  ) as object;

const define = (target: object, name: string, get: () => string | undefined): void => {
  Object.defineProperty(target, name, { get, enumerable: true, configurable: true });
};
