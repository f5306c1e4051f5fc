import type { Protocol } from '@postern/contract';
import type { DenialKind } from './denial.js';

/** What one kind of denial sounds like. Plain ASCII, no word of the client's in it (rules 52, 53). */
export interface Phrase {
  readonly text: string;
  /** RFC 5530 response code, put in brackets before the text. */
  readonly imap: string;
  /** RFC 2449 and RFC 3206 response code, likewise. */
  readonly pop3: string;
  /** Reply code and RFC 3463 status of an SMTP AUTH command. */
  readonly smtp: string;
  /** The same for an SMTP recipient without a login (`none`). */
  readonly rcpt: string;
  /** `ladder`: the client may try again on the same connection after a while; `none`: nginx closes it. */
  readonly wait: 'ladder' | 'none';
  /** The `status` and `error` a failed token is answered with (`Auth-Error-SASL`); absent where the token is not to blame. */
  readonly sasl?: { readonly xoauth2: string; readonly oauthbearer: string };
}

const badToken = { xoauth2: '401', oauthbearer: 'invalid_token' };
const powerlessToken = { xoauth2: '403', oauthbearer: 'insufficient_scope' };

/**
 * All that a mail client can hear from us. An outage never sounds like a wrong password: mail apps throw the
 * stored password away.
 */
export const phraseTable: Readonly<Record<DenialKind, Phrase>> = {
  rejected: {
    text: 'Invalid user name or password',
    imap: 'AUTHENTICATIONFAILED',
    pop3: 'AUTH',
    smtp: '535 5.7.8',
    rcpt: '550 5.7.1',
    wait: 'ladder',
    sasl: badToken,
  },
  disabled: {
    text: 'This account is disabled',
    imap: 'AUTHORIZATIONFAILED',
    pop3: 'AUTH',
    smtp: '535 5.7.8',
    rcpt: '550 5.2.1',
    wait: 'none',
    sasl: powerlessToken,
  },
  expired: {
    text: 'The password has expired',
    imap: 'EXPIRED',
    pop3: 'AUTH',
    smtp: '535 5.7.8',
    rcpt: '550 5.2.1',
    wait: 'none',
    sasl: powerlessToken,
  },
  locked: {
    text: 'This account is locked',
    imap: 'AUTHORIZATIONFAILED',
    pop3: 'AUTH',
    smtp: '535 5.7.8',
    rcpt: '550 5.2.1',
    wait: 'none',
    sasl: powerlessToken,
  },
  policy: {
    text: 'Access is not allowed here',
    imap: 'AUTHORIZATIONFAILED',
    pop3: 'AUTH',
    smtp: '535 5.7.8',
    rcpt: '550 5.7.1',
    wait: 'none',
    sasl: powerlessToken,
  },
  'tls-required': {
    text: 'An encrypted connection is required, turn on TLS',
    imap: 'PRIVACYREQUIRED',
    pop3: 'AUTH',
    smtp: '530 5.7.0',
    rcpt: '530 5.7.0',
    wait: 'none',
  },
  limited: {
    text: 'Too many attempts, please try again later',
    imap: 'LIMIT',
    pop3: 'SYS/TEMP',
    smtp: '454 4.7.0',
    rcpt: '450 4.7.0',
    wait: 'none',
  },
  deferred: {
    text: 'Temporary server problem, please try again later',
    imap: 'UNAVAILABLE',
    pop3: 'SYS/TEMP',
    smtp: '454 4.7.0',
    rcpt: '451 4.3.0',
    wait: 'ladder',
  },
  'relay-denied': {
    text: 'Relaying is not allowed',
    imap: 'AUTHORIZATIONFAILED',
    pop3: 'AUTH',
    smtp: '550 5.7.1',
    rcpt: '550 5.7.1',
    wait: 'ladder',
  },
  'unknown-recipient': {
    text: 'There is no such recipient here',
    imap: 'AUTHORIZATIONFAILED',
    pop3: 'AUTH',
    smtp: '550 5.1.1',
    rcpt: '550 5.1.1',
    wait: 'ladder',
  },
  'bad-address': {
    text: 'The address is not well formed',
    imap: 'AUTHORIZATIONFAILED',
    pop3: 'AUTH',
    smtp: '501 5.1.3',
    rcpt: '501 5.1.3',
    wait: 'ladder',
  },
};

/** Every kind of denial, in the order of the table. */
export const denialKinds = Object.keys(phraseTable) as readonly DenialKind[];

/** The words of one denial as headers carry them. */
export interface SpokenDenial {
  readonly status: string;
  /** For SMTP alone. */
  readonly code?: string;
}

/**
 * `Auth-Status` and `Auth-Error-Code` for one denial. Without a protocol (a request that was not read, or cannot be) it is a passing problem,
 * in words that every protocol takes. The code goes along: nginx ignores it for IMAP and POP3, and to an SMTP client it says
 * 535 where there is none (ngx_mail_auth_http_process_headers), which sounds like a wrong password.
 */
export const speak = (denial: DenialKind, protocol: Protocol | undefined, forRecipient: boolean): SpokenDenial => {
  const phrase = phraseTable[denial];
  switch (protocol) {
    case 'imap':
      return { status: `[${phrase.imap}] ${phrase.text}` };
    case 'pop3':
      return { status: `[${phrase.pop3}] ${phrase.text}` };
    case 'smtp':
      return { status: phrase.text, code: forRecipient ? phrase.rcpt : phrase.smtp };
    case undefined:
      return { status: phraseTable.deferred.text, code: phraseTable.deferred.smtp };
  }
};
