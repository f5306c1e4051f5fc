import { mechanisms, protocols } from '@postern/contract';
import { backendAddress } from './backend-address.js';
import { credentialBytes } from './credential-bytes.js';
import { DenialTable } from './denial-table.js';
import type { Asked, DenialKind } from './denial.js';
import type { HeaderField } from './head.js';
import { checkDenialRules, type DenialRules } from './ladder.js';
import { denialKinds } from './phrases.js';
import { headBytes } from './reply-head.js';

/** What nginx is to be told. */
export type Answer =
  | {
      readonly kind: 'placed';
      /** IP literal without brackets. */
      readonly server: string;
      readonly port: number;
      /** Login for the mail server; absent: what was typed. */
      readonly user?: string;
      /** Password for the mail server; absent: what was typed. */
      readonly password?: string;
      readonly asked: Asked;
    }
  | { readonly kind: 'denied'; readonly denial: DenialKind; readonly asked: Asked };

type PlacedAnswer = Extract<Answer, { kind: 'placed' }>;

export interface Encoded {
  /** Characters are bytes (latin1). Names and values are safe to write as they are. */
  readonly headers: readonly HeaderField[];
  readonly sent: 'placed' | DenialKind;
  /** Why a placed answer had to become a denial. Holds nothing of the answer. */
  readonly why?: string;
}

/** nginx's buffer for the whole head (rule 40). */
const nginxBufferBytes = 1_024;
/** Holds every denial with room to spare. */
const leastBudgetBytes = 384;

const knownKinds: ReadonlySet<unknown> = new Set(denialKinds);
const knownProtocols: ReadonlySet<unknown> = new Set(protocols);
const knownMechanisms: ReadonlySet<unknown> = new Set(mechanisms);

/**
 * Turns an answer into headers. The one place where `Auth-Server`, `Auth-Port`, `Auth-User` and `Auth-Pass` are written, and
 * only together with `OK`: nginx takes a reply that has the first two and no `Auth-Status` for a success (`ngx_mail_auth_http_process_headers`).
 */
export class Encoder {
  readonly #denials: DenialTable;
  readonly #budget: number;

  /** `budgetBytes`: 384 to 1024, for the whole head; less than 1024 where somebody on the way adds headers. Throws a RangeError. */
  constructor(rules: DenialRules, budgetBytes: number = nginxBufferBytes) {
    if (!Number.isInteger(budgetBytes) || budgetBytes < leastBudgetBytes || budgetBytes > nginxBufferBytes) {
      throw new RangeError(`the budget must be a whole number from ${leastBudgetBytes} to ${nginxBufferBytes}`);
    }
    this.#denials = new DenialTable(checkDenialRules(rules));
    this.#budget = budgetBytes;
  }

  /**
   * Never throws, whatever it is given: an answer that cannot be said safely becomes `deferred`, with the reason in `why`.
   * The result always has exactly one `Auth-Status`.
   */
  encode(answer: Answer): Encoded {
    let asked: Asked = {};
    try {
      asked = knownWords(answer.asked);
      if (answer.kind === 'placed') return this.#placed(answer, asked);
      const { denial } = answer;
      const sent: DenialKind = knownKinds.has(denial) ? denial : 'deferred';
      return { headers: this.#denials.headers(sent, asked), sent };
    } catch {
      return this.#deferred(asked, 'the answer could not be read');
    }
  }

  #placed(answer: PlacedAnswer, asked: Asked): Encoded {
    const headers = placedHeaders(answer, asked);
    if (typeof headers === 'string') return this.#deferred(asked, headers);
    if (headBytes(headers) > this.#budget) return this.#deferred(asked, `the reply is longer than ${this.#budget} bytes`);
    return { headers, sent: 'placed' };
  }

  #deferred(asked: Asked, why: string): Encoded {
    return { headers: this.#denials.headers('deferred', asked), sent: 'deferred', why };
  }
}

/** Only words we know choose words and become keys. Reads each once: what was checked is what is used. */
const knownWords = (asked: Asked): Asked => {
  const { protocol, mechanism, ordinal } = asked;
  const known: { -readonly [K in keyof Asked]: Asked[K] } = {};
  if (protocol !== undefined && knownProtocols.has(protocol)) known.protocol = protocol;
  if (mechanism !== undefined && knownMechanisms.has(mechanism)) known.mechanism = mechanism;
  if (ordinal !== undefined && Number.isInteger(ordinal)) known.ordinal = ordinal;
  return known;
};

/** The headers of a success, or why there can be none. */
const placedHeaders = (answer: PlacedAnswer, asked: Asked): readonly HeaderField[] | string => {
  const server = backendAddress(answer.server);
  if (server === undefined) return 'the backend address is not a plain IP address';
  const { port } = answer;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return 'the backend port is not a port';
  const credentials = credentialHeaders(answer, asked);
  if (typeof credentials === 'string') return credentials;
  return [['Auth-Status', 'OK'], ['Auth-Server', server], ['Auth-Port', String(port)], ...credentials];
};

/**
 * Neither for `none`: an XCLIENT with LOGIN= would make an unauthenticated client an authenticated one. After a digest or a
 * certificate nginx has no password of its own, or a stale one of somebody else's (rule 32).
 */
const credentialHeaders = (answer: PlacedAnswer, asked: Asked): readonly HeaderField[] | string => {
  const { protocol, mechanism } = asked;
  if (protocol === undefined || mechanism === undefined) return 'there is no success without a protocol and a mechanism';
  if (mechanism === 'none') return protocol === 'smtp' ? [] : 'only SMTP comes without a login';
  const { user, password } = answer;
  const headers: HeaderField[] = [];
  if (user !== undefined) {
    const bytes = credentialBytes(user);
    if (bytes === undefined) return 'the login for the backend cannot be said in a header';
    headers.push(['Auth-User', bytes]);
  } else if (mechanism === 'external') {
    return 'there is no login for the backend, and a certificate login types anything';
  }
  if (password !== undefined) {
    const bytes = credentialBytes(password);
    if (bytes === undefined) return 'the password for the backend cannot be said in a header';
    headers.push(['Auth-Pass', bytes]);
  } else if (protocol !== 'smtp' && (mechanism === 'apop' || mechanism === 'cram-md5' || mechanism === 'external')) {
    return 'there is no password for the backend, and this mechanism brings none';
  }
  return headers;
};
