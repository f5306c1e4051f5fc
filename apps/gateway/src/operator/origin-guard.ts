import { isIP } from 'node:net';
import type { RequestHandler } from 'express';

/**
 * Keeps web pages out that the operator's browser happens to show: a page of another origin, and one whose name was made to point here
 * (DNS rebinding), which matters where there is no token that the page would have to know. It holds for what is only read as well: `/readyz`
 * and `/metrics` name instances, backends and their troubles. Without a token the door is on loopback, where nobody needs a name.
 */
export const originGuard =
  (token: () => string | undefined): RequestHandler =>
  (request, response, next) => {
    const { host = '', origin } = request.headers;
    if (origin !== undefined && hostOf(origin) !== host) {
      response.status(403).json({ error: 'forbidden', hint: 'This is not for the pages of other sites.' });
    } else if (token() === undefined && !isOwnName(host)) {
      response.status(403).json({ error: 'forbidden', hint: 'Without operator.token, use the IP address or localhost.' });
    } else {
      next();
    }
  };

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined);

const isOwnName = (host: string): boolean => {
  const name = host.replace(/:[0-9]*$/, '').replace(/^\[(.*)\]$/, '$1');
  return name.toLowerCase() === 'localhost' || isIP(name) !== 0;
};
