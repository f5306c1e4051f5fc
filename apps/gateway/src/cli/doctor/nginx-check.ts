import type { ConnectionOptions } from 'node:tls';
import { isIP } from 'node:net';
import { protocols, type Protocol } from '@postern/contract';
import type { ListenAddress } from '@postern/kernel';
import { sayOf, type Say } from './finding.js';
import { logIn, type FrontTls } from './mail-login.js';
import { reasonOf } from './talk.js';
import { spotOf } from './this-machine.js';
import type { Visit } from './visit.js';

const impliedTls: ReadonlySet<number> = new Set([993, 995, 465]);

/** Logs in as a mail client does, where it was said where nginx listens. */
export const checkNginx = async (visit: Visit): Promise<void> => {
  const { fronts, tell } = visit;
  sayOf(tell, 'nginx', 'its own config')('skipped', 'is not read here', 'Run: nginx -T | postern nginx --lint -');
  if (fronts.size === 0) {
    sayOf(tell, 'nginx', 'a login through it')(
      'skipped',
      'not told where it listens',
      'Give --imap, --pop3, --smtp HOST:PORT, with --user and --password-stdin.',
    );
    return;
  }
  for (const protocol of protocols) {
    const front = fronts.get(protocol);
    if (front === undefined) continue;
    const say = sayOf(tell, 'nginx', `${protocol} at ${front.host} port ${front.port}`);
    try {
      if (!(await logInAt(protocol, front, visit, say))) return;
    } catch (error) {
      say(
        'problem',
        reasonOf(error),
        'Is nginx running, and does it listen there for this protocol, with or without TLS? Its error log says more.',
      );
    }
  }
};

/** False: the password was wrong, and is not tried again. */
const logInAt = async (
  protocol: Protocol,
  front: Extract<ListenAddress, { readonly kind: 'tcp' }>,
  visit: Visit,
  say: Say,
): Promise<boolean> => {
  const { address, ours } = await spotOf(front.host);
  const tls = tlsOf(front, ours, visit);
  const password = visit.person?.password;
  if (password !== undefined && tls === undefined && !ours) {
    say(
      'problem',
      `refused: the password does not go to ${address} in clear text`,
      'Add --tls, or give the port with TLS (993, 995, 465).',
    );
    return true;
  }
  const person = visit.person === undefined || password === undefined ? undefined : { user: visit.person.user, password };
  const limits = { ms: visit.timeoutMs + visit.config.core.nginx.deadline, bytes: 65_536 };
  const { kind, said } = await logIn({ protocol, address: { ...front, host: address }, tls, person, limits });
  switch (kind) {
    case 'greeted':
      say('ok', 'greets; nobody to log in with');
      return true;
    case 'in':
      say('ok', `${person?.user ?? ''} is let in${tls === undefined ? '' : ' over TLS'}`);
      return true;
    case 'refused':
      say(
        'problem',
        `${person?.user ?? ''} is turned away: ${visit.quote(said)}`,
        "Compare with what the gateway says above: if it lets them in, this is nginx or the mail server behind it; see nginx's error log.",
      );
      return false;
  }
};

/** On this machine nobody can listen in, and its names seldom fit the certificate; elsewhere the certificate must be right. */
const tlsOf = (
  { host, port }: { readonly host: string; readonly port: number },
  ours: boolean,
  { frontTls }: Visit,
): FrontTls | undefined => {
  const implied = impliedTls.has(port);
  if (!implied && !frontTls) return undefined;
  const options: ConnectionOptions = { rejectUnauthorized: !ours, host, ...(isIP(host) === 0 ? { servername: host } : {}) };
  return { options, from: implied ? 'start' : 'command' };
};
