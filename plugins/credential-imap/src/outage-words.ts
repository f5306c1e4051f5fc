/**
 * What servers say in a NO without a code when they could not look at the password. Cyrus puts the words of Cyrus SASL there
 * (`sasl_errstring`), nginx's mail proxy whatever its `auth_http` says ("Temporary server problem, try again later" in its manual),
 * Exchange "Server Unavailable. 15", Courier "STARTTLS required".
 *
 * Only words that nobody uses for a wrong password: what is deferred is not counted as a try.
 */
const phrases = [
  'generic failure',
  'transient failure',
  'no memory available',
  'no mechanism available',
  'encryption needed to use mechanism',
  'only available under a layer',
  'starttls required',
  'temporary',
  'temporarily',
  'unavailable',
  'try again later',
  'internal error',
  'internal server error',
] as const;

const outage = new RegExp(`\\b(?:${phrases.join('|')})\\b`, 'i');

/** "Invalid credentials, please try again later" is a judgement, however polite. */
const judgement = /\b(?:invalid|incorrect|wrong|bad|mismatch|denied|credentials?|passwords?|user ?names?)\b/i;

/** The words by which a NO without a code says that it is no judgement, in lower case; undefined when it is one. */
export const outageIn = (text: string): string | undefined => (judgement.test(text) ? undefined : outage.exec(text)?.[0].toLowerCase());
