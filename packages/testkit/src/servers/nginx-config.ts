import type { KeyPair } from './certificates.js';
import { describeEndpoint, type Endpoint } from './endpoint.js';

export type MailProtocol = 'imap' | 'pop3' | 'smtp';

/** One `server` block of nginx's `mail`. */
export interface MailListener {
  /** How the test asks for its port; the protocol's name when absent. */
  readonly name?: string;
  readonly protocol: MailProtocol;
  /** An IP literal; 127.0.0.1 when absent. */
  readonly address?: string;
  readonly tls?: 'implicit' | 'starttls' | 'starttls-only';
  readonly clientCertificates?: {
    /** PEM of the authority that nginx trusts. */
    readonly ca: string;
    readonly verify: 'on' | 'optional' | 'optional_no_ca';
    /** `auth_http_pass_client_cert on`. */
    readonly pass?: boolean;
  };
  /** The listener expects a PROXY header. */
  readonly proxyProtocol?: boolean;
  /** The words of `imap_auth`, `pop3_auth` or `smtp_auth`; nginx's default when absent. */
  readonly mechanisms?: readonly string[];
  /** SMTP: `xclient`; nginx's default is true. */
  readonly xclient?: boolean;
  /** SMTP: `proxy_smtp_auth`. */
  readonly proxySmtpAuth?: boolean;
  /** Replaces the common one. */
  readonly authHttp?: Endpoint;
  /** More lines, each a whole directive with its semicolon. */
  readonly directives?: readonly string[];
}

export interface NginxOptions {
  /** For messages and for the folder; `nginx` when absent. */
  readonly name?: string;
  readonly authHttp: Endpoint;
  /** The path nginx asks for; `/auth` when absent. */
  readonly authPath?: string;
  /** `auth_http_header` lines. */
  readonly headers?: Readonly<Record<string, string>>;
  /** `auth_http_timeout`, in nginx's words; `10s` when absent. */
  readonly authTimeout?: string;
  /** Needed where a listener speaks TLS. */
  readonly certificate?: KeyPair;
  /** `proxy_pass_error_message on`: clients hear a backend's own words. */
  readonly passErrorMessage?: boolean;
  readonly listeners: readonly MailListener[];
  /** More lines for the `mail` block. */
  readonly directives?: readonly string[];
}

/** Things only known when nginx is about to start. */
export interface NginxPlace {
  readonly module: string;
  readonly folder: string;
  readonly root: boolean;
  readonly portOf: (listener: MailListener) => number;
}

export const listenerName = (listener: MailListener): string => listener.name ?? listener.protocol;

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/gu, '\\$&')}"`;

const authHttp = (endpoint: Endpoint, path: string): string =>
  'path' in endpoint
    ? `auth_http http://unix:${endpoint.path}:${path};`
    : `auth_http http://${describeEndpoint({ ...endpoint, host: bracketed(endpoint.host ?? '127.0.0.1') })}${path};`;

const onOff = (value: boolean): string => (value ? 'on' : 'off');

const tlsLines = (listener: MailListener, certificate: KeyPair | undefined): readonly string[] => {
  if (listener.tls === undefined) return [];
  if (certificate === undefined) throw new Error(`listener ${listenerName(listener)} speaks TLS: nginx needs a certificate`);
  const { tls, clientCertificates: clients } = listener;
  return [
    `ssl_certificate ${certificate.cert};`,
    `ssl_certificate_key ${certificate.key};`,
    ...(tls === 'implicit' ? [] : [`starttls ${tls === 'starttls' ? 'on' : 'only'};`]),
    ...(clients === undefined
      ? []
      : [
          `ssl_verify_client ${clients.verify};`,
          `ssl_client_certificate ${clients.ca};`,
          `auth_http_pass_client_cert ${onOff(clients.pass ?? false)};`,
        ]),
  ];
};

const serverBlock = (listener: MailListener, options: NginxOptions, place: NginxPlace): readonly string[] => {
  const { protocol, mechanisms, proxySmtpAuth, xclient } = listener;
  const flags = [...(listener.tls === 'implicit' ? ['ssl'] : []), ...(listener.proxyProtocol === true ? ['proxy_protocol'] : [])];
  const address = `${bracketed(listener.address ?? '127.0.0.1')}:${place.portOf(listener)}`;
  return [
    'server {',
    `listen ${[address, ...flags].join(' ')};`,
    `protocol ${protocol};`,
    ...(mechanisms === undefined ? [] : [`${protocol}_auth ${mechanisms.join(' ')};`]),
    ...(xclient === undefined ? [] : [`xclient ${onOff(xclient)};`]),
    ...(proxySmtpAuth === undefined ? [] : [`proxy_smtp_auth ${onOff(proxySmtpAuth)};`]),
    ...(listener.authHttp === undefined ? [] : [authHttp(listener.authHttp, options.authPath ?? '/auth')]),
    ...tlsLines(listener, options.certificate),
    ...(listener.directives ?? []),
    '}',
  ];
};

/** The text of nginx.conf: everything it writes stays in `place.folder`, its errors go to stderr. */
export const nginxConfig = (options: NginxOptions, place: NginxPlace): string =>
  [
    `load_module ${place.module};`,
    // Started by root, the workers must still reach sockets and keys in the room's folder.
    ...(place.root ? ['user root;'] : []),
    'daemon off;',
    'worker_processes 1;',
    `pid ${place.folder}/nginx.pid;`,
    'error_log stderr info;',
    'events { worker_connections 512; }',
    'mail {',
    'server_name mail.example.org;',
    authHttp(options.authHttp, options.authPath ?? '/auth'),
    `auth_http_timeout ${options.authTimeout ?? '10s'};`,
    ...Object.entries(options.headers ?? {}).map(([name, value]) => `auth_http_header ${name} ${quoted(value)};`),
    `proxy_pass_error_message ${onOff(options.passErrorMessage ?? false)};`,
    ...(options.directives ?? []),
    ...options.listeners.flatMap((listener) => serverBlock(listener, options, place)),
    '}',
    '',
  ].join('\n');
