import { own } from '../reading/value-at.js';
import { type CheckContext } from './check-context.js';

/** Combinations that will disappoint. */
export const checkOptions = (context: CheckContext): void => {
  checkTls(context);
  checkRedis(context);
  checkCertificates(context);
};

const checkTls = ({ sections, problems }: CheckContext): void => {
  if (sections.nginx === undefined || sections.nginx.requireTls) return;
  const message = 'is off: a client without TLS sends its password in clear text and is let in';
  problems.add({
    code: 'tls-not-required',
    path: ['nginx', 'requireTls'],
    message,
    hint: 'Set nginx.requireTls: true where nginx offers TLS.',
  });
};

/** Plugins that want what is not there. */
const checkRedis = ({ sections, uses, data, problems }: CheckContext): void => {
  if (own(data, 'redis') !== undefined) return;
  for (const { parsed, mode, index } of uses) {
    const path = parsed?.inspection?.asksRedis;
    if (path === undefined || mode === 'off' || sections.redis !== undefined) continue;
    const message = 'asks Redis, and there is no redis section';
    problems.add({
      code: 'redis-missing',
      path: ['plugins', index, 'with', ...path],
      message,
      hint: 'Add redis: { url: … } to the config.',
    });
  }
};

const checkCertificates = ({ sections, uses, problems }: CheckContext): void => {
  const { identity, backends } = sections;
  if (identity === undefined) return;
  if (identity.certificateUser === undefined) {
    for (const { entry, index } of uses) {
      if (![entry?.when?.mechanism].flat().includes('external')) continue;
      const path = ['plugins', index, 'when', 'mechanism'];
      const message = 'waits for client certificates, but identity.certificateUser is missing, so they are denied';
      problems.add({ code: 'external-unmapped', path, message, hint: 'Set identity.certificateUser: email, san-email, cn or a table.' });
    }
    return;
  }
  const servers = Object.values(backends ?? {});
  if (servers.length === 0 || servers.some(({ login }) => login?.password !== undefined)) return;
  const message = 'IMAP and POP3 logins by certificate need a password for the mail server, and no backend has one';
  const hint = 'Set backends.NAME.login.password, unless a store gives one for each user.';
  problems.add({ code: 'external-without-password', path: ['identity', 'certificateUser'], message, hint });
};
