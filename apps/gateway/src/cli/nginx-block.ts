import { httpShim } from './nginx-shim.js';

/** What the block must know of the config. */
export interface NginxFacts {
  /** The nginx doors as configured, for example `127.0.0.1:9143` or `unix:/run/postern/auth.sock`. */
  readonly doors: readonly string[];
  /** `absent`: no key is configured; `hidden`: a placeholder is printed in its stead. */
  readonly key: { readonly kind: 'absent' | 'hidden' } | { readonly kind: 'revealed'; readonly key: string };
  readonly deadlineMs: number;
  readonly requireTls: boolean;
  /** SMTP recipients without a login are answered. */
  readonly recipients: boolean;
  /** `pem`: the rule reads the certificate itself, so nginx must pass it on. */
  readonly certificates: 'off' | 'subject' | 'pem';
  /** The Express door, where there is one. */
  readonly proxy: { readonly address: string; readonly tls: boolean } | undefined;
  readonly files: { readonly certificate: string; readonly key: string } | undefined;
  readonly serverName: string;
}

/** The `mail{}` block of nginx.conf for a config: complete, and commented where a person must decide. */
export const nginxBlock = (facts: NginxFacts): string =>
  [
    ...heading(facts),
    'mail {',
    ...indent([
      ...common(facts),
      '',
      ...tls(facts),
      '',
      ...imap(facts),
      '',
      ...pop3(facts),
      '',
      ...submission(facts),
      '',
      ...inbound(facts),
    ]),
    '}',
    ...(facts.proxy === undefined ? [] : ['', ...comment(httpShim({ ...facts.proxy, timeout: shimTimeout(facts.deadlineMs) }))]),
    '',
  ].join('\n');

const indent = (lines: readonly string[]): readonly string[] => lines.map((line) => (line === '' ? '' : `    ${line}`));
const comment = (lines: readonly string[]): readonly string[] => lines.map((line) => (line === '' ? '#' : `# ${line}`));

const heading = ({ doors }: NginxFacts): readonly string[] => [
  ...comment([
    'Belongs at the top level of nginx.conf, beside http {}. nginx needs its mail module',
    '(Debian and Ubuntu: apt install libnginx-mod-mail). Try it with: nginx -t',
    ...(doors.length > 1 ? [`nginx asks one address only; these would do as well: ${doors.slice(1).join(', ')}`] : []),
  ]),
];

/** nginx connects, so "any address" becomes this machine. */
export const authHttpTarget = (door: string): string => {
  if (door.startsWith('unix:')) return `${door}:/`;
  const reachable = door.replace(/^(?:0\.0\.0\.0|\*):/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');
  return `http://${reachable}/`;
};

/** nginx takes seconds; its own patience must outlast ours, or the client hears nginx's words and not ours. */
export const authHttpTimeout = (deadlineMs: number): string => `${Math.ceil(deadlineMs / 1000) + 2}s`;

/** Between the gateway's patience and nginx's: a gateway that says nothing leaves a second in which another one is asked. */
export const shimTimeout = (deadlineMs: number): string => `${Math.ceil(deadlineMs / 1000) + 1}s`;

/** Within double quotes nginx knows `\"` and `\\`; `auth_http_header` expands no variables. */
const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

const common = (facts: NginxFacts): readonly string[] => [
  '# Told to clients and to the mail servers; it is also part of every CRAM-MD5 and APOP challenge.',
  `server_name        ${facts.serverName};`,
  '',
  '# Where postern listens. Looked up once, when nginx starts.',
  `auth_http          ${authHttpTarget(facts.doors[0] ?? '127.0.0.1:9143')};`,
  `# Longer than nginx.deadline (${facts.deadlineMs}ms), so that postern always gets to say "temporary".`,
  `auth_http_timeout  ${authHttpTimeout(facts.deadlineMs)};`,
  ...keyLines(facts),
  ...(facts.certificates === 'pem' ? ['# identity.certificateUser reads the certificate itself.', 'auth_http_pass_client_cert on;'] : []),
  '',
  '# A refusal by the mail server itself reaches the client in its own words.',
  'proxy_pass_error_message on;',
];

const keyLines = ({ key }: NginxFacts): readonly string[] => {
  switch (key.kind) {
    case 'absent':
      return ['# No nginx.key is configured: whoever reaches the address above may ask.'];
    case 'hidden':
      return [
        '# Put the value of nginx.key here and keep this file readable for root only ("postern nginx --reveal-key" fills it in).',
        'auth_http_header   X-Auth-Key "PUT-THE-KEY-HERE";',
      ];
    case 'revealed':
      return ['# Holds the shared key: keep this file readable for root only.', `auth_http_header   X-Auth-Key ${quoted(key.key)};`];
  }
};

const tls = (facts: NginxFacts): readonly string[] => {
  const { certificate, key } = facts.files ?? { certificate: '/etc/nginx/tls/mail.crt', key: '/etc/nginx/tls/mail.key' };
  const lines = [
    `ssl_certificate      ${quoted(certificate)};`,
    `ssl_certificate_key  ${quoted(key)};`,
    'ssl_protocols        TLSv1.2 TLSv1.3;',
    'ssl_session_cache    shared:mail:10m;',
    ...(facts.certificates === 'off'
      ? []
      : [
          '# Client certificates: the authority that issued them.',
          'ssl_verify_client      optional;',
          'ssl_client_certificate /etc/nginx/tls/clients-ca.crt;',
        ]),
  ];
  if (facts.files !== undefined) return ['# TLS.', ...lines];
  return comment([
    'TLS: put your certificate here and take the # off these lines and off the TLS lines below,',
    'or print this block with --certificate FILE --certificate-key FILE.',
    ...(facts.requireTls ? ['nginx.requireTls is on: until then every plain login is refused.'] : []),
    ...lines,
  ]);
};

/** Lines that need a certificate: live when there is one, commented out otherwise. */
const withTls = (facts: NginxFacts, lines: readonly string[]): readonly string[] => (facts.files === undefined ? comment(lines) : lines);

const methods = (facts: NginxFacts, ...always: readonly string[]): string =>
  [...always, ...(facts.certificates === 'off' || facts.files === undefined ? [] : ['external'])].join(' ');

const upgrade = (facts: NginxFacts): readonly string[] =>
  withTls(facts, [facts.requireTls ? 'starttls only;' : 'starttls on;   # "only" refuses logins in clear text']);

const server = (lines: readonly string[]): readonly string[] => ['server {', ...indent(lines), '}'];

const imap = (facts: NginxFacts): readonly string[] => [
  '# IMAP. List in imap_capabilities what all your mail servers offer before the login.',
  ...server(['listen 143;', 'protocol imap;', `imap_auth ${methods(facts, 'plain', 'login')};`, ...upgrade(facts)]),
  ...withTls(facts, server(['listen 993 ssl;', 'protocol imap;', `imap_auth ${methods(facts, 'plain', 'login')};`])),
];

const pop3 = (facts: NginxFacts): readonly string[] => [
  '# POP3. Adding apop or cram-md5 works only for users whose store keeps the password in clear text.',
  ...server(['listen 110;', 'protocol pop3;', `pop3_auth ${methods(facts, 'plain')};`, ...upgrade(facts)]),
  ...withTls(facts, server(['listen 995 ssl;', 'protocol pop3;', `pop3_auth ${methods(facts, 'plain')};`])),
];

const submission = (facts: NginxFacts): readonly string[] => [
  '# Submission. nginx tells the mail server who logged in through XCLIENT (LOGIN=, ADDR=):',
  '#   Postfix: smtpd_authorized_xclient_hosts = ADDRESS-OF-NGINX',
  '#   Dovecot: login_trusted_networks = ADDRESS-OF-NGINX',
  '# A mail server that knows no XCLIENT needs "xclient off;" and "proxy_smtp_auth on;" (nginx 1.19.4 or newer):',
  '# nginx then logs in there with the password that was typed, or the one that postern gives it.',
  ...server(['listen 587;', 'protocol smtp;', `smtp_auth ${methods(facts, 'plain', 'login')};`, ...upgrade(facts), 'xclient on;']),
  ...withTls(facts, server(['listen 465 ssl;', 'protocol smtp;', `smtp_auth ${methods(facts, 'plain', 'login')};`, 'xclient on;'])),
];

const inbound = (facts: NginxFacts): readonly string[] => {
  const lines = server([
    'listen 25;',
    'protocol smtp;',
    'smtp_auth none;',
    'xclient on;',
    '# resolver 127.0.0.1;   # then postern learns the name of the client, too',
  ]);
  if (facts.recipients) {
    return [
      '# Mail from outside, without a login: postern is asked once per connection, for its first recipient.',
      "# What comes after it is the mail server's to judge: it must refuse to relay by itself.",
      ...lines,
    ];
  }
  return comment([
    'Mail from outside, without a login, is denied by this config; nginx.none in postern.yaml says for whom it is not.',
    ...lines,
  ]);
};
