import { type Account, TroubleOfThisLogin, type Verdict } from '@postern/contract';
import { outageIn } from './outage-words.js';
import type { Reply } from './wire/response.js';

/**
 * Which NO says something of the password, by its response code (RFC 5530). It is the table of Dovecot's
 * `passdb-imap.c`. Every other code (UNAVAILABLE, LIMIT, INUSE, ALERT, PRIVACYREQUIRED …) is about something else.
 */
const judgements: ReadonlyMap<string, Verdict> = new Map<string, Verdict>([
  ['AUTHENTICATIONFAILED', { kind: 'rejected' }],
  ['AUTHORIZATIONFAILED', { kind: 'rejected' }],
  // The server itself tells this to whoever shows it that password.
  ['EXPIRED', { kind: 'refused', why: 'expired', proofHeld: true }],
]);

/** What stands between one account and its mailbox. The other codes may be about everybody. */
const ownTroubles: ReadonlySet<string> = new Set(['ALERT', 'WEBALERT', 'CONTACTADMIN', 'INUSE']);

const troubleOf = (code: string): Error => {
  const words = `the server answers NO [${code.slice(0, 40)}] to the login`;
  return ownTroubles.has(code) ? new TroubleOfThisLogin(words) : new Error(words);
};

/** Where there is no code, it is about the password, unless it says that it is not. */
const verdictOfWords = (outage: string | undefined): Verdict =>
  outage === undefined ? { kind: 'rejected' } : { kind: 'deferred', cause: new Error(`the server answers NO "${outage}" to the login`) };

export const verdictOf = ({ status, code = '', text = '' }: Reply, account: Account): Verdict => {
  switch (status) {
    case 'OK':
      return { kind: 'accepted', account };
    case 'NO':
      if (code === '') return verdictOfWords(outageIn(text));
      return judgements.get(code) ?? { kind: 'deferred', cause: troubleOf(code) };
    case 'BAD':
      return { kind: 'deferred', cause: new Error('the server answers BAD to the login') };
  }
};
