import { X509Certificate } from 'node:crypto';
import type { Certificate } from '@postern/contract';
import { isOneLine, parseDistinguishedName } from './distinguished-name.js';
import { hasControl } from './text.js';

/**
 * Whose certificate it is: the subject's e-mail address, the e-mail address among the alternative names (needs nginx's
 * `auth_http_pass_client_cert on`), the common name, or a table from SHA-1 fingerprints (colons and case do not matter) to users.
 */
export type CertificateRule = 'email' | 'san-email' | 'cn' | Readonly<Record<string, string>>;

const emailTypes: ReadonlySet<string> = new Set(['emailaddress', 'email', 'e', '1.2.840.113549.1.9.1']);
const commonNameTypes: ReadonlySet<string> = new Set(['cn', 'commonname', '2.5.4.3']);

/** One entry of Node's `subjectAltName`: `email:a@x.org`, in JSON quotes where the value could be misread. */
const alternativeName = /(?:^|, )([A-Za-z][A-Za-z0-9 ]*):("(?:[^"\\]|\\.)*"|[^,"]*)/y;

/**
 * The user a verified certificate belongs to, as text that still goes through identity. Undefined when there is none, and also
 * when there is more than one: which of two is meant must not be a guess.
 */
export const certificateUser = (certificate: Certificate, rule: CertificateRule): string | undefined => {
  const user = theOnly(candidates(certificate, rule));
  return user === undefined || user === '' || hasControl(user) ? undefined : user;
};

const candidates = (certificate: Certificate, rule: CertificateRule): readonly string[] => {
  switch (rule) {
    case 'email':
      return subjectValues(certificate.subject, emailTypes);
    case 'cn':
      return subjectValues(certificate.subject, commonNameTypes);
    case 'san-email':
      return alternativeEmails(certificate);
    default:
      return mappedUsers(certificate.fingerprint, rule);
  }
};

const theOnly = (values: readonly string[]): string | undefined => (new Set(values).size === 1 ? values[0] : undefined);

/** EXTERNAL came with the release that brought RFC 2253 (1.11.6): the ambiguous older form never has to name anybody. */
const subjectValues = (subject: string, types: ReadonlySet<string>): readonly string[] =>
  (isOneLine(subject) ? [] : (parseDistinguishedName(subject) ?? []))
    .filter(({ type }) => types.has(type.toLowerCase()))
    .map(({ value }) => value);

const mappedUsers = (fingerprint: string, table: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(table)
    .filter(([key]) => bareHex(key) === bareHex(fingerprint))
    .map(([, user]) => user);

const bareHex = (fingerprint: string): string => fingerprint.replaceAll(':', '').toLowerCase();

/** Only of the very certificate that nginx verified. */
const alternativeEmails = (certificate: Certificate): readonly string[] => {
  if (certificate.pem === undefined) return [];
  try {
    const parsed = new X509Certificate(certificate.pem);
    if (bareHex(parsed.fingerprint) !== bareHex(certificate.fingerprint)) return [];
    return emailsOf(parsed.subjectAltName ?? '');
  } catch {
    return [];
  }
};

/** Exported for its tests. Nothing is taken from a text that is not understood to its end. */
export const emailsOf = (names: string): readonly string[] => {
  const emails: string[] = [];
  let at = 0;
  while (at < names.length) {
    alternativeName.lastIndex = at;
    const [whole, type, value = ''] = alternativeName.exec(names) ?? [];
    if (whole === undefined) return [];
    if (type === 'email') emails.push(value.startsWith('"') ? String(JSON.parse(value)) : value);
    at += whole.length;
  }
  return emails;
};
