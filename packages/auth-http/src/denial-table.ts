import type { Asked, DenialKind } from './denial.js';
import type { HeaderField } from './head.js';
import { waitSeconds, type DenialRules } from './ladder.js';
import { phraseTable, speak } from './phrases.js';
import { rememberWire } from './reply-head.js';

/** The headers of every denial, made once each: kinds, protocols, mechanisms and waits are few. */
export class DenialTable {
  readonly #rules: DenialRules;
  readonly #made = new Map<string, readonly HeaderField[]>();

  constructor(rules: DenialRules) {
    this.#rules = rules;
  }

  /** `denial` and the words in `asked` must be of their closed sets: they become keys. */
  headers(denial: DenialKind, asked: Asked): readonly HeaderField[] {
    const wait = waitSeconds(this.#rules, denial, asked);
    const key = `${denial} ${asked.protocol} ${asked.mechanism} ${wait}`;
    const made = this.#made.get(key);
    if (made !== undefined) return made;
    const headers = Object.freeze(denialHeaders(denial, asked, wait));
    rememberWire(headers);
    this.#made.set(key, headers);
    return headers;
  }
}

const denialHeaders = (denial: DenialKind, asked: Asked, wait: number | undefined): HeaderField[] => {
  const { status, code } = speak(denial, asked.protocol, asked.mechanism === 'none');
  const headers: HeaderField[] = [['Auth-Status', status]];
  if (wait !== undefined) headers.push(['Auth-Wait', String(wait)]);
  if (code !== undefined) headers.push(['Auth-Error-Code', code]);
  const challenge = errorChallenge(denial, asked);
  if (challenge !== undefined) headers.push(['Auth-Error-SASL', challenge]);
  return headers;
};

/**
 * What a failed token is answered with before the error line (Angie and freenginx send it as a SASL challenge, rule 37).
 * Only where the token is to blame: after an outage the client must not fetch a new one.
 */
const errorChallenge = (denial: DenialKind, asked: Asked): string | undefined => {
  const { sasl } = phraseTable[denial];
  if (sasl === undefined || asked.protocol === undefined) return undefined;
  switch (asked.mechanism) {
    case 'xoauth2':
      return base64({ status: sasl.xoauth2, schemes: 'bearer', scope: 'mail' });
    case 'oauthbearer':
      return base64({ status: sasl.oauthbearer });
    default:
      return undefined;
  }
};

const base64 = (challenge: Readonly<Record<string, string>>): string => Buffer.from(JSON.stringify(challenge)).toString('base64');
