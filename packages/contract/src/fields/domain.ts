import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

const maxLength = 253;
const domainName = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
const ascii = /^\p{ASCII}*$/u;
const asciiPartIsPlain = /^[A-Za-z0-9.\-\P{ASCII}]*$/u;

/**
 * A domain in the one form that is compared: lower case, A-labels (RFC 5891), no trailing dot, at most 253 characters.
 * Undefined for a text that is no domain name.
 *
 * `url.domainToASCII` reads hosts of URLs: it percent-decodes, and turns `0x7f.1` into `127.0.0.1`. So it sees only text that is
 * not ASCII, whose ASCII part is plain, and whose result is a plain name again and no address.
 */
export const asciiDomain = (text: string): string | undefined => {
  const domain = withoutLastDot(ascii.test(text) ? text.toLowerCase() : aLabels(text));
  return domain.length <= maxLength && domainName.test(domain) ? domain : undefined;
};

const withoutLastDot = (text: string): string => (text.endsWith('.') ? text.slice(0, -1) : text);

const aLabels = (text: string): string => {
  if (text.length > maxLength || !asciiPartIsPlain.test(text)) return '';
  const domain = domainToASCII(text);
  return isIP(withoutLastDot(domain)) === 0 ? domain : '';
};
