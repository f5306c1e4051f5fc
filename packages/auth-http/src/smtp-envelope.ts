import { hasControl } from './text.js';

/** RFC 5321 §4.5.3.1.3 allows 256; some leave more room for UTF-8. */
const longestAddress = 512;

const reversePath = /^MAIL +FROM: *(?=\S)/i;
const forwardPath = /^RCPT +TO: *(?=\S)/i;

/** A path with or without angle brackets, then parameters. A quoted string may hold blanks and brackets. */
const bracketed = /^<((?:"(?:[^"\\]|\\.)*"|[^<>" ])*)>(?: +(.*))?$/u;
const bare = /^((?:"(?:[^"\\]|\\.)*"|[^<>" ])+)(?: +(.*))?$/u;

const atom = "[A-Za-z0-9!#$%&'*+\\-/=?^_`{|}~.\\u0080-\\u{10ffff}]+";
const mailbox = new RegExp(`^(?:(${atom})|"((?:[^"\\\\]|\\\\.)*)")(?:@([A-Za-z0-9._\\-\\u0080-\\u{10ffff}]+|\\[[0-9A-Za-z.:]+\\]))?$`, 'u');
const plainLocalPart = new RegExp(`^${atom}$`, 'u');

/** A keyword of RFC 5321 §4.1.2, perhaps with a value. `<evil@elsewhere>` behind the path is none. */
const parameter = /^[A-Za-z0-9][A-Za-z0-9-]*(?:=\S*)?$/u;

/** The sender's address; empty for `MAIL FROM:<>`; undefined for junk. `line`: the whole command as typed. */
export const readSender = (line: string): string | undefined => readPath(line, reversePath, true);

/** The recipient's address, never empty; undefined for junk. */
export const readRecipient = (line: string): string | undefined => readPath(line, forwardPath, false);

/**
 * Stricter than most mail servers on purpose: nginx passes the very line on, and what we judged must be what the mail server
 * then reads. So no source routes (RFC 5321 appendix C lets us), no second path, nothing that is not a parameter.
 */
const readPath = (line: string, verb: RegExp, mayBeEmpty: boolean): string | undefined => {
  const start = verb.exec(line)?.[0].length;
  if (start === undefined || hasControl(line)) return undefined;
  const [, path, parameters] = bracketed.exec(line.slice(start)) ?? bare.exec(line.slice(start)) ?? [];
  if (path === undefined || !areParameters(parameters)) return undefined;
  if (path === '') return mayBeEmpty ? '' : undefined;
  return readMailbox(path);
};

const areParameters = (text: string | undefined): boolean =>
  text === undefined ||
  text
    .split(' ')
    .filter((one) => one !== '')
    .every((one) => parameter.test(one));

const readMailbox = (path: string): string | undefined => {
  if (path.length > longestAddress) return undefined;
  const [found, plain, quoted, domain] = mailbox.exec(path) ?? [];
  if (found === undefined) return undefined;
  const localPart = plain ?? unquoted(quoted ?? '');
  if (localPart === '""') return undefined;
  return domain === undefined ? localPart : `${localPart}@${domain}`;
};

/** `"bob"` and `bob` are one mailbox (RFC 5321 §4.1.2); quotes stay only where they are needed. */
const unquoted = (content: string): string => {
  const text = content.replace(/\\(.)/gu, '$1');
  return plainLocalPart.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
};
