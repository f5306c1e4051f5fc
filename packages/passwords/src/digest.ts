import { createHash, createHmac } from 'node:crypto';
import { sameBytes } from './same-bytes.js';

/**
 * Whether a client's answer to a challenge fits the clear-text password: APOP (RFC 1939) or CRAM-MD5 (RFC 2195).
 * `salt` is the challenge with its angle brackets, one character a byte; `digest` is 32 hexadecimal characters in either case, anything else
 * is simply wrong (rule 30).
 */
export const verifyDigest = (mechanism: 'apop' | 'cram-md5', salt: string, digest: string, secret: string): boolean => {
  const expected =
    mechanism === 'apop'
      ? createHash('md5').update(salt, 'latin1').update(secret).digest()
      : createHmac('md5', Buffer.from(secret, 'utf8')).update(salt, 'latin1').digest();
  return isDigest(digest, expected);
};

/** Whether a digest as clients write it, 32 hexadecimal characters, is the one that is expected. */
export const isDigest = (digest: string, expected: Buffer): boolean =>
  /^[0-9a-f]{32}$/i.test(digest) && sameBytes(Buffer.from(digest, 'hex'), expected);
