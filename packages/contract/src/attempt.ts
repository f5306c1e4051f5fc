import type { Protocol } from './mechanism.js';

/** A client certificate that nginx verified (`Auth-SSL-Verify: SUCCESS`). */
export interface Certificate {
  /** RFC 2253 text as nginx sends it, for example `emailAddress=u@example.org,CN=U,O=Example`. */
  readonly subject: string;
  readonly issuer: string;
  /** Upper-case hexadecimal, no separators. */
  readonly serial: string;
  /** SHA-1 of the DER certificate, 40 lower-case hexadecimal characters. */
  readonly fingerprint: string;
  /** PEM text; only there when nginx has `auth_http_pass_client_cert on`. */
  readonly pem?: string;
}

/** What the client offered, under one mechanism. A store must never log any part of it. */
export type Proof =
  /** `bytes` is what the client sent; `password` is the same read as UTF-8 (lossy for bytes that are not UTF-8). Never empty. */
  | { readonly mechanism: 'plain'; readonly password: string; readonly bytes: Uint8Array }
  /** `salt` is the whole challenge with its angle brackets; `digest` is 32 lower-case hexadecimal characters. */
  | { readonly mechanism: 'apop' | 'cram-md5'; readonly salt: string; readonly digest: string }
  /** The host verified the certificate and mapped it to `user`; a store only says who that is (`lookup`). */
  | { readonly mechanism: 'external'; readonly certificate: Certificate }
  /** SMTP without a login: the addresses of the envelope (without angle brackets), `user` is the recipient. */
  | { readonly mechanism: 'none'; readonly from: string; readonly to: string; readonly helo: string }
  | { readonly mechanism: 'xoauth2' | 'oauthbearer'; readonly token: string };

/**
 * One question from nginx: may this user, with this proof, come in over this protocol from this client?
 *
 * The field names do not change: plugins outside this repository are written against them.
 */
export interface LoginAttempt {
  /** Unique within the process; ties log lines and metrics of one login together. */
  readonly id: string;
  /** Canonical login: Unicode NFC, case folded, domain in ASCII form, aliases and tags resolved. Never empty. */
  readonly user: string;
  /** What was typed. For people and logs; never a key. */
  readonly rawUser: string;
  readonly proof: Proof;
  readonly protocol: Protocol;
  readonly client: {
    /** Effective client address in canonical text (`::ffff:` unmapped), or `unix:`. */
    readonly ip: string;
    /** Forward-confirmed name of the client; nginx knows it for SMTP only. */
    readonly host?: string;
  };
  /** There when the client's connection is encrypted. */
  readonly tls?: { readonly protocol?: string; readonly cipher?: string };
  /** `Auth-Login-Attempt`: the number of this attempt on the client's connection, from 1. */
  readonly ordinal: number;
  /**
   * There when no client hears the answer or sees how long it takes (a comparison in the shadow): a store need not spend work on hiding
   * who is known.
   */
  readonly unseen?: true;
  /**
   * There when wrong proofs are counted that reach a store which locks accounts. Such a store asks once it knows whose account the login
   * stands for, and before the proof is tried there. `account`: the store's own word for it, the same under all of its names, such as a DN
   * in one spelling. False: it may not be tried, and the answer is `limited`. May reject.
   */
  readonly mayTry?: (account: string) => Promise<boolean>;
}
