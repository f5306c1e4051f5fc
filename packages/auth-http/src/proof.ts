import type { Mechanism, Proof, Protocol } from '@postern/contract';
import { percentDecode } from './percent.js';
import { readCertificate } from './proof-of-certificate.js';
import type { ProtocolFields } from './protocol-fields.js';
import { readRecipient, readSender } from './smtp-envelope.js';
import { detached, hasControl, utf8Text } from './text.js';
import { failed, malformed, type Trouble } from './trouble.js';

/** Who, and with what. */
export interface Offer {
  readonly rawUser: string;
  readonly proof: Proof;
}

/** Reads what belongs to one mechanism. */
export const readOffer = (fields: ProtocolFields, mechanism: Mechanism, protocol: Protocol): Offer | Trouble => {
  switch (mechanism) {
    case 'plain':
      return readPlain(fields, protocol);
    case 'apop':
      return protocol === 'pop3' ? readDigest(fields, mechanism) : malformed('apop is a command of POP3');
    case 'cram-md5':
      return readDigest(fields, mechanism);
    case 'external':
      return readExternal(fields);
    case 'none':
      return protocol === 'smtp' ? readEnvelope(fields) : malformed('only SMTP comes without a login');
    case 'xoauth2':
    case 'oauthbearer':
      return readToken(fields, mechanism);
  }
};

/** The login as text, or why there is none. A login with a line break would become a command to a POP3 backend (rule 19). */
const readLogin = (fields: ProtocolFields): string | Trouble => {
  const bytes = percentDecode(fields.get('Auth-User') ?? '');
  if (bytes === undefined) return malformed('Auth-User holds a malformed percent sequence');
  const login = utf8Text(bytes);
  if (login === undefined) return failed('the login is not UTF-8');
  return hasControl(login) ? failed('the login holds a control character') : login;
};

const readNamedLogin = (fields: ProtocolFields): string | Trouble => {
  const login = readLogin(fields);
  return login === '' ? failed('the login is empty') : login;
};

const readSecret = (fields: ProtocolFields): string | Trouble => {
  const sent = fields.get('Auth-Pass');
  if (sent === undefined) return malformed('Auth-Pass is missing');
  return percentDecode(sent) ?? malformed('Auth-Pass holds a malformed percent sequence');
};

/**
 * An empty password is refused before anyone is asked: directories take it for an anonymous bind, which succeeds (rule 20).
 * NUL ends a password early in too many places; CR and LF would become a command of their own to a POP3 backend (rule 19).
 */
const readPlain = (fields: ProtocolFields, protocol: Protocol): Offer | Trouble => {
  const rawUser = readNamedLogin(fields);
  if (typeof rawUser !== 'string') return rawUser;
  const password = readSecret(fields);
  if (typeof password !== 'string') return password;
  if (password === '') return failed('the password is empty');
  if (password.includes('\0')) return failed('the password holds NUL');
  if (protocol === 'pop3' && /[\r\n]/.test(password)) return failed('the password holds a line break, which POP3 cannot carry');
  const bytes = Buffer.from(password, 'latin1');
  return { rawUser, proof: { mechanism: 'plain', password: bytes.toString('utf8'), bytes } };
};

/** nginx checks at most the length of a digest. All that is wrong with one sounds like a wrong password (rule 31). */
const readDigest = (fields: ProtocolFields, mechanism: 'apop' | 'cram-md5'): Offer | Trouble => {
  const rawUser = readNamedLogin(fields);
  if (typeof rawUser !== 'string') return rawUser;
  const digest = readSecret(fields);
  if (typeof digest !== 'string') return digest;
  if (!/^[0-9a-fA-F]{32}$/.test(digest)) return failed('the digest is not 32 hexadecimal digits');
  const salt = fields.get('Auth-Salt') ?? '';
  if (salt === '') return failed('Auth-Salt is missing');
  return { rawUser, proof: { mechanism, salt, digest: digest.toLowerCase() } };
};

/** `Auth-Pass` is not looked at: it may be a stale password of an earlier attempt (rule 34). */
const readExternal = (fields: ProtocolFields): Offer | Trouble => {
  const rawUser = readLogin(fields);
  if (typeof rawUser !== 'string') return rawUser;
  const certificate = readCertificate(fields);
  return 'denial' in certificate ? certificate : { rawUser, proof: { mechanism: 'external', certificate } };
};

/** `Auth-User` and `Auth-Pass` are not looked at: older nginx sends stale ones (rule 35). Nothing here is escaped. */
const readEnvelope = (fields: ProtocolFields): Offer | Trouble => {
  const mail = fields.get('Auth-SMTP-From');
  const rcpt = fields.get('Auth-SMTP-To');
  if (mail === undefined || rcpt === undefined) return malformed('Auth-SMTP-From or Auth-SMTP-To is missing');
  const helo = utf8Text(fields.get('Auth-SMTP-Helo') ?? '');
  const from = readSender(utf8Text(mail) ?? '');
  const to = readRecipient(utf8Text(rcpt) ?? '');
  if (helo === undefined || hasControl(helo)) return { denial: 'bad-address', why: 'the HELO argument is junk' };
  if (from === undefined) return { denial: 'bad-address', why: 'the MAIL command is junk' };
  if (to === undefined) return { denial: 'bad-address', why: 'the RCPT command is junk' };
  return { rawUser: to, proof: { mechanism: 'none', from, to, helo } };
};

const readToken = (fields: ProtocolFields, mechanism: 'xoauth2' | 'oauthbearer'): Offer | Trouble => {
  const rawUser = readNamedLogin(fields);
  if (typeof rawUser !== 'string') return rawUser;
  const token = readSecret(fields);
  if (typeof token !== 'string') return token;
  // RFC 6750 §2.1: visible ASCII.
  if (!/^[\x21-\x7e]+$/.test(token)) return failed('the token is empty or no token');
  return { rawUser, proof: { mechanism, token: detached(token) } };
};
