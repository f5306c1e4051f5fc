import { finding, type Rule } from '../lint.js';

/** Whether passwords can come in under TLS. */
export const tls: Rule = ({ server, facts }) => {
  if (!server.takesLogins) return [];
  const encrypted = server.implicitTls || server.startTls;
  const at = server.one('starttls') ?? server.listens[0] ?? server.directive;
  const hint = 'Write starttls on; (or only), or listen PORT ssl; with ssl_certificate and ssl_certificate_key.';
  if (!encrypted && facts.requireTls)
    return [finding('error', 'tls-required', at, 'nginx.requireTls is on and there is no TLS here, so every plain login is refused', hint)];
  if (!encrypted) return [finding('warning', 'tls-missing', at, 'passwords come in here in clear text: there is no TLS', hint)];
  if (server.one('ssl_certificate') !== undefined) return [];
  return [
    finding(
      'error',
      'tls-certificate',
      at,
      'TLS is turned on and there is no certificate',
      'Write ssl_certificate FILE; and ssl_certificate_key FILE;',
    ),
  ];
};
