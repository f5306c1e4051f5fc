import type { MailProtocol } from './nginx-config.js';

export interface DovecotUser {
  readonly name: string;
  /** Absent: any password is right. */
  readonly password?: string;
}

export interface DovecotOptions {
  /** Seen by clients: a mailbox `on-NAME`, the subject of the one message, the name in answers to EHLO, the greeting. */
  readonly name: string;
  /** `smtp` is Dovecot's submission service. All three when absent. */
  readonly protocols?: readonly MailProtocol[];
  readonly users: readonly DovecotUser[];
  /** May log in as `USER*NAME` with this password. */
  readonly master?: { readonly name: string; readonly password: string };
  /** Where submission hands its mail; needed for `smtp`. */
  readonly relay?: { readonly host: string; readonly port: number };
  /** An IP literal; 127.0.0.1 when absent. */
  readonly host?: string;
  /** Lines of Dovecot's config that come last and so win, for what only few tests need. */
  readonly lines?: readonly string[];
}

/** Things only known when Dovecot is about to start. */
export interface DovecotPlace {
  readonly folder: string;
  readonly ports: ReadonlyMap<MailProtocol, number>;
  /** Who runs it: absent for root, since Dovecot then changes to its own users. */
  readonly plainUser?: { readonly name: string; readonly group: string };
  /** Owner of the mail. */
  readonly mailUser: { readonly uid: number; readonly gid: number };
}

const serviceOf = { imap: 'imap', pop3: 'pop3', smtp: 'submission' } as const satisfies Record<MailProtocol, string>;

const block = (head: string, lines: readonly string[]): readonly string[] => [`${head} {`, ...lines, '}'];

const loginService = (protocol: MailProtocol, port: number, chroot: readonly string[]): readonly string[] => {
  const service = serviceOf[protocol];
  // One login process for all connections: they start faster than one each.
  return block(`service ${service}-login`, [
    'service_count = 0',
    ...chroot,
    ...block(`inet_listener ${service}`, [`port = ${port}`]),
    ...(protocol === 'smtp' ? [] : block(`inet_listener ${service}s`, ['port = 0'])),
  ]);
};

/** A plain user can neither change root nor become somebody else. */
const plainUserLines = ({ name, group }: { readonly name: string; readonly group: string }): readonly string[] => [
  `default_internal_user = ${name}`,
  `default_internal_group = ${group}`,
  `default_login_user = ${name}`,
  ...['anvil', 'stats', 'ipc'].flatMap((service) => block(`service ${service}`, ['chroot =', 'client_limit = 1000'])),
];

const protocolsOf = (options: DovecotOptions): readonly MailProtocol[] => options.protocols ?? ['imap', 'pop3', 'smtp'];

const passdbs = (options: DovecotOptions, folder: string): readonly string[] => [
  ...(options.master === undefined ? [] : block('passdb', ['driver = passwd-file', 'master = yes', `args = ${folder}/masters`])),
  ...block('passdb', ['driver = passwd-file', `args = username_format=%u ${folder}/users`]),
];

export const dovecotConfig = (options: DovecotOptions, place: DovecotPlace): string => {
  const { folder, mailUser, plainUser, ports } = place;
  const chroot = plainUser === undefined ? [] : ['chroot ='];
  return [
    `base_dir = ${folder}/run`,
    `state_dir = ${folder}/state`,
    'log_path = /dev/stderr',
    `listen = ${options.host ?? '127.0.0.1'}`,
    `protocols = ${protocolsOf(options)
      .map((protocol) => serviceOf[protocol])
      .join(' ')}`,
    'ssl = no',
    'disable_plaintext_auth = no',
    'auth_mechanisms = plain login',
    // Dovecot makes wrong passwords wait, and slows down addresses they come from; here all come from one address.
    'auth_failure_delay = 0',
    'auth_verbose = yes',
    'auth_master_user_separator = *',
    'login_trusted_networks = 127.0.0.0/8 ::1',
    `login_greeting = ${options.name}`,
    `hostname = ${options.name}`,
    `mail_location = maildir:${folder}/mail/%u`,
    'first_valid_uid = 1',
    `mail_uid = ${mailUser.uid}`,
    `mail_gid = ${mailUser.gid}`,
    'default_process_limit = 60',
    ...(options.relay === undefined
      ? []
      : [`submission_relay_host = ${options.relay.host}`, `submission_relay_port = ${options.relay.port}`]),
    ...block('service auth', ['client_limit = 1000']),
    ...block('service anvil', block('unix_listener anvil-auth-penalty', ['mode = 0'])),
    ...(plainUser === undefined ? [] : plainUserLines(plainUser)),
    ...[...ports].flatMap(([protocol, port]) => loginService(protocol, port, chroot)),
    ...block('namespace inbox', ['inbox = yes', ...block(`mailbox on-${options.name}`, ['auto = create'])]),
    ...passdbs(options, folder),
    ...block('userdb', ['driver = static', `args = home=${folder}/home/%u`]),
    ...(options.lines ?? []),
    '',
  ].join('\n');
};

/** A line of Dovecot's passwd-file. The password is written as hexadecimal: it may hold colons and anything else. */
export const passwdLine = (user: DovecotUser): string =>
  user.password === undefined
    ? `${user.name}:::::::nopassword=y\n`
    : `${user.name}:{PLAIN.HEX}${Buffer.from(user.password).toString('hex')}\n`;

/** The protocols it offers, in the order of the config. */
export const dovecotProtocols = protocolsOf;
