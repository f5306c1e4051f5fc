import type { Account, BackendRef, Log, LoginAttempt, Protocol } from '@postern/contract';
import type { BackendLogin } from '../backends/backend.js';

/** Where a login goes: what nginx is told. */
export interface Placement {
  /** The declared name, or `host:port`. */
  readonly backend: string;
  /** An IP literal without brackets (rule 46). */
  readonly address: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: string;
}

interface Deferred {
  readonly kind: 'deferred';
  readonly cause: Error;
}

export type Placing = { readonly kind: 'placed'; readonly placement: Placement } | Deferred;

/** How willingly a backend is taken. `undeclared`: no such name. */
export type Standing = 'up' | 'drain' | 'suspect' | 'down' | 'undeclared';

/** A backend turned into what nginx can connect to. */
export type Resolved =
  | {
      readonly kind: 'known';
      readonly backend: string;
      /** As it is configured. */
      readonly host: string;
      readonly address: string;
      readonly port: number;
      readonly login?: BackendLogin | undefined;
    }
  | { readonly kind: 'unknown'; readonly backend: string; readonly cause: Error };

type Known = Extract<Resolved, { kind: 'known' }>;

/** The backend that is taken. */
export type Found = Known | Deferred;

/** What the placer asks of the backends. */
export interface BackendLookup {
  standing(ref: BackendRef, protocol: Protocol): Standing;
  /** Never rejects. */
  resolve(ref: BackendRef, protocol: Protocol): Promise<Resolved>;
}

/** Lower is taken first. Whatever is not here is not taken at all. */
const preference = { up: 0, drain: 1, suspect: 2 } as const;

const deferred = (message: string): Deferred => ({ kind: 'deferred', cause: new Error(message) });

/** Turns a router's list into one address: the best backend of the list that is usable, and what to say to it. */
export class Placer {
  readonly #backends: BackendLookup;
  readonly #log: Log;

  constructor(parts: { readonly backends: BackendLookup; readonly log: Log }) {
    this.#backends = parts.backends;
    this.#log = parts.log;
  }

  /** Never rejects. A list of which nothing is usable is deferred: the mailbox lives there and nowhere else. */
  async place(refs: readonly BackendRef[], account: Account, attempt: LoginAttempt): Promise<Placing> {
    const found = await this.find(refs, attempt.protocol, attempt);
    return found.kind === 'known' ? this.#placed(found, account, attempt) : found;
  }

  /** The backend of the list to be taken, without what to say to it. `protocol` may be another one than the attempt's. Never rejects. */
  async find(refs: readonly BackendRef[], protocol: Protocol, { id }: Pick<LoginAttempt, 'id'>): Promise<Found> {
    const usable = this.usable(refs, protocol);
    if (typeof usable === 'string') return this.#undeclared(usable, id);
    let why = 'every backend of the list is down';
    for (const ref of usable) {
      const resolved = await this.#backends.resolve(ref, protocol);
      if (resolved.kind === 'known') return resolved;
      why = `${resolved.backend} has no address: ${resolved.cause.message}`;
    }
    return deferred(why);
  }

  /** Best first, without asking for any address; or the name of a backend that is not declared and stands before any that is up. */
  usable(refs: readonly BackendRef[], protocol: Protocol): readonly BackendRef[] | string {
    const usable: { readonly ref: BackendRef; readonly rank: number }[] = [];
    for (const ref of refs) {
      const standing = this.#backends.standing(ref, protocol);
      if (standing === 'undeclared') {
        if (usable.some(({ rank }) => rank === preference.up)) break;
        return ref.kind === 'named' ? ref.name : ref.host;
      }
      if (standing !== 'down') usable.push({ ref, rank: preference[standing] });
    }
    return usable.sort((a, b) => a.rank - b.rank).map(({ ref }) => ref);
  }

  /** A slip in a table or pattern must not move a mailbox to the next backend of the list. */
  #undeclared(name: string, id: string): Deferred {
    const cause = `no backend is declared as ${JSON.stringify(name.slice(0, 100))}`;
    this.#log.error('a router named a backend that is not declared', { id, cause });
    return deferred(cause);
  }

  #placed(resolved: Known, account: Account, attempt: LoginAttempt): Placing {
    const { backend, address, port, login } = resolved;
    // nginx would repeat a user to the backend as XCLIENT LOGIN=, which would make unauthenticated mail authenticated (rule 35).
    if (attempt.proof.mechanism === 'none') return { kind: 'placed', placement: { backend, address, port } };
    const user = account.backend?.user ?? (login?.user === undefined ? account.user : login.user.render(attempt, account));
    if (user === undefined) return this.#unsayable(backend, attempt, 'login.user names an attribute that the account does not have');
    const password = account.backend?.password ?? login?.password?.reveal() ?? secretOf(account, attempt);
    if (password === undefined && mustHavePassword(attempt)) {
      return this.#unsayable(
        backend,
        attempt,
        `there is no password to send after ${attempt.proof.mechanism}; give the backend a login.password`,
      );
    }
    const placement = { backend, address, port, user };
    return { kind: 'placed', placement: password === undefined ? placement : { ...placement, password } };
  }

  #unsayable(backend: string, attempt: LoginAttempt, cause: string): Placing {
    this.#log.error('a backend cannot be logged in to', { id: attempt.id, backend, cause });
    return deferred(`${backend}: ${cause}`);
  }
}

const isDigest = (attempt: LoginAttempt): boolean => attempt.proof.mechanism === 'apop' || attempt.proof.mechanism === 'cram-md5';

const secretOf = (account: Account, attempt: LoginAttempt): string | undefined => (isDigest(attempt) ? account.secret : undefined);

/** Without one nginx refuses a digest login, and after EXTERNAL it would send a password from an earlier try (rule 32). */
const mustHavePassword = (attempt: LoginAttempt): boolean =>
  attempt.protocol !== 'smtp' && (isDigest(attempt) || attempt.proof.mechanism === 'external');
