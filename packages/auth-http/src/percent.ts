const percentSign = 0x25;

/**
 * Undoes nginx's escaping of `Auth-User`, `Auth-Pass` and `Auth-SSL-Cert`: byte by byte and exactly once, `+` stays `+`.
 * Bytes in, bytes out (latin1 characters). Undefined when a `%` is not followed by two hexadecimal digits: an unchanged
 * nginx never sends that (`ngx_mail_auth_http_escape`).
 */
export const percentDecode = (text: string): string | undefined => {
  let at = text.indexOf('%');
  if (at === -1) return text;
  const parts: string[] = [];
  let from = 0;
  for (; at !== -1; at = text.indexOf('%', from)) {
    const byte = hexValue(text.charCodeAt(at + 1)) * 16 + hexValue(text.charCodeAt(at + 2));
    if (Number.isNaN(byte)) return undefined;
    parts.push(text.slice(from, at), String.fromCharCode(byte));
    from = at + 3;
  }
  parts.push(text.slice(from));
  return parts.join('');
};

/** NaN for what is no hexadecimal digit, the end of the text included. */
const hexValue = (code: number): number => {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : Number.NaN;
};

/** What nginx does (`ngx_escape_uri`, NGX_ESCAPE_MAIL_AUTH): 00-20 and `%` become `%XX`, all else stays. Bytes in, bytes out. */
export const percentEscape = (bytes: string): string => bytes.replace(/[\0-\x20%]/g, (one) => escaped[one.charCodeAt(0)] ?? one);

const escaped: readonly string[] = Array.from(
  { length: percentSign + 1 },
  (_, byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
);
