import { finding, type Rule } from '../lint.js';

const digests = ['apop', 'cram-md5'];

/** `imap_auth`, `pop3_auth`, `smtp_auth`: what they promise must be kept by somebody. */
export const methods: Rule = ({ server, facts }) => {
  const { protocol } = server;
  const said = protocol === undefined ? undefined : server.one(`${protocol}_auth`);
  if (said === undefined) return [];
  const asked = said.words.filter((word) => digests.includes(word));
  const digest = `${asked.join(' and ')} can let in only users whose store keeps the password in clear text`;
  return [
    ...(asked.length === 0 ? [] : [finding('warning', 'method-digest', said, digest, 'Leave it away unless all stores do.')]),
    ...(said.words.includes('external') && facts.certificates === 'off'
      ? [
          finding(
            'error',
            'external-unmapped',
            said,
            'postern denies every login by certificate',
            'Set identity.certificateUser in postern.yaml, or leave external away.',
          ),
        ]
      : []),
  ];
};

/** `external` and what nginx must pass on for it. */
export const certificates: Rule = ({ server, facts }) => {
  const { protocol } = server;
  const said = protocol === undefined ? undefined : server.one(`${protocol}_auth`);
  if (said === undefined || !said.words.includes('external')) return [];
  const verify = server.word('ssl_verify_client') ?? 'off';
  if (verify === 'off') {
    const message = 'nginx asks no client for a certificate, so external can let nobody in';
    return [finding('error', 'external-unverified', said, message, 'Write ssl_verify_client optional; and ssl_client_certificate FILE;')];
  }
  if (facts.certificates !== 'pem' || server.word('auth_http_pass_client_cert') === 'on') return [];
  const message = 'identity.certificateUser is san-email, which reads the certificate itself, and nginx does not pass it on';
  const at = server.one('auth_http_pass_client_cert') ?? said;
  return [finding('error', 'certificate-not-passed', at, message, 'Write auth_http_pass_client_cert on;', 'auth_http_pass_client_cert')];
};
