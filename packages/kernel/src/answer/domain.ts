import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

const maxLength = 253;
const labels = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
const ascii = /^\p{ASCII}*$/u;
const asciiPartIsPlain = /^[A-Za-z0-9.\-\P{ASCII}]*$/u;
const converted = /^[a-z0-9.-]+$/;

/**
 * The one form of a domain: lower case, A-labels, no dot at the end. Undefined for what is no domain.
 *
 * `url.domainToASCII` reads hosts of URLs: it percent-decodes, and turns `0x7f.1` into `127.0.0.1`. So it sees only text
 * that is not ASCII, whose ASCII part is plain, and whose result is a plain name again.
 */
export const canonicalDomain = (text: string): string | undefined => {
  const domain = withoutLastDot(ascii.test(text) ? text.toLowerCase() : toAscii(text));
  return domain.length <= maxLength && labels.test(domain) ? domain : undefined;
};

const withoutLastDot = (text: string): string => (text.endsWith('.') ? text.slice(0, -1) : text);

const toAscii = (text: string): string => {
  if (text.length > maxLength || !asciiPartIsPlain.test(text)) return '';
  const domain = domainToASCII(text);
  return converted.test(domain) && isIP(withoutLastDot(domain)) === 0 ? domain : '';
};
