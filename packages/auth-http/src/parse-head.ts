import type { Protocol } from '@postern/contract';
import { usualName } from './field-names.js';
import type { HeaderField, HeadReading } from './head.js';
import { trimBlanks } from './text.js';

const requestLine = /^GET ([^\0-\x1f\x7f]+) HTTP\/1\.[01]$/;

/** RFC 9110 §5.6.2. A blank before the colon is no token: `Auth-User : x` must not be read by one hop and skipped by another. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

const carriageReturn = 13;

/** Says that a head cannot be read; `text` is what was received of it. */
export const malformedHead = (why: string, text: string): HeadReading => {
  const protocol = sniffProtocol(text);
  return protocol === undefined ? { kind: 'malformed', why } : { kind: 'malformed', why, protocol };
};

/** The protocol that a head which cannot be used seems to speak of. Good enough to choose words, never to decide. */
const sniffProtocol = (text: string): Protocol | undefined => {
  const [, word] = /\nauth-protocol:[ \t]*(imap|pop3|smtp)[ \t]*\r?\n/i.exec(text) ?? [];
  return word?.toLowerCase() as Protocol | undefined;
};

/**
 * Reads a whole head: `text` (latin1) ends with the LF of the first empty line.
 *
 * Lines end with CRLF or LF (nginx writes CRLF, hand-made requests often LF). Any byte but CR and LF may stand in a value:
 * nginx sends SMTP envelopes unescaped, NUL included (rule 7). Folded lines, which nginx never writes, are malformed.
 */
export const parseHead = (text: string): HeadReading => {
  const firstEnd = text.indexOf('\n');
  const target = requestLine.exec(text.slice(0, lineStop(text, firstEnd)))?.[1];
  if (target === undefined) return malformedHead('the first line is no GET request of HTTP/1.0 or 1.1', text);
  const headers: HeaderField[] = [];
  for (let start = firstEnd + 1; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const stop = lineStop(text, newline);
    if (stop === start) break;
    const field = parseField(text, start, stop);
    if (typeof field === 'string') return malformedHead(field, text);
    headers.push(field);
    start = newline + 1;
  }
  return { kind: 'complete', head: { method: 'GET', target, headers } };
};

const lineStop = (text: string, newline: number): number => (text.charCodeAt(newline - 1) === carriageReturn ? newline - 1 : newline);

const parseField = (text: string, start: number, stop: number): HeaderField | string => {
  const colon = text.indexOf(':', start);
  if (colon === -1 || colon > stop) return 'a header line has no colon';
  const sent = text.slice(start, colon);
  const usual = usualName(sent);
  if (usual === undefined && !token.test(sent)) return 'a header name is not a token';
  const value = trimBlanks(text, colon + 1, stop);
  return value.includes('\r') ? 'a header value holds a bare CR' : [usual ?? sent, value];
};
