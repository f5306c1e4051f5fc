import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';

const fingerprint = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();

/**
 * Lets in who shows the token as `Authorization: Bearer …`. Compared as hashes, so that neither time nor length tells anything.
 * Where there is no token everybody is let in: the config sees to it that this happens on loopback only.
 */
export const tokenGuard =
  (token: () => string | undefined): RequestHandler =>
  (request, response, next) => {
    const wanted = token();
    if (wanted === undefined || shows(request.headers.authorization, wanted)) {
      next();
      return;
    }
    response.set('WWW-Authenticate', 'Bearer realm="postern operator"');
    response.status(401).json({ error: 'unauthorized', hint: 'Send the token of operator.token as "Authorization: Bearer TOKEN".' });
  };

/** Header characters are bytes (latin1). */
const shows = (authorization: string | undefined, wanted: string): boolean => {
  const [, shown = ''] = /^bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
  return timingSafeEqual(fingerprint(Buffer.from(shown, 'latin1').toString('utf8')), fingerprint(wanted));
};
