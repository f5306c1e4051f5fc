import type { Protocol } from '@postern/contract';

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly protocol?: Protocol;
}

/** The tables of a system that is in use, with some people in them, as that system writes them. */
export interface Schema {
  readonly name: string;
  readonly kind: 'postgres' | 'mysql' | 'sqlite';
  readonly sql: string;
  readonly accepted: readonly Login[];
  readonly refused: readonly Login[];
  readonly unknown: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  /** Where hashes can be kept: the one of the first who is accepted. */
  readonly enrolls?: string;
}

const password = 'Hash-of-Ann';
// htpasswd -nbBC 4 u Hash-of-Ann
const bcrypt = '$2y$04$unc1qZLXs0t5lUUeYP3Z5uKdNAgyrhtW4HagimJigTu9MI/KWdco2';
// openssl passwd -1 -salt saltsalt Hash-of-Ann
const md5Crypt = '$1$saltsalt$JTv2L5B8Fhwc/tWMi0hJU1';
// openssl passwd -6 -salt saltsalt Hash-of-Ann
const sha512Crypt = '$6$saltsalt$ge7bGZNEhmnhbE2uYNnqQNy8fkN5edfRncqnGu63ukM5xV6XPpJblSkC/O5XSYPT5gFFj/YL3JKQ4g5C58OPG.';
// passlib's bcrypt_sha256, of another password.
const passlib = 'Tr0ub4dor&3';
const bcryptSha256 = '$bcrypt-sha256$v=2,t=2b,r=5$UL/1QnP6XpVdy/qmMkp8.O$jeNGuyjTFmwYSAX00pCxMXApiWjjxlS';
const login = (user: string, protocol?: Protocol): Login => ({ user, password, ...(protocol === undefined ? {} : { protocol }) });

const postfixadmin = (yes: string, no: string, flag: string): string => `
create table domain (domain varchar(255) not null primary key, description varchar(255) not null default '', aliases int not null default 0,
  mailboxes int not null default 0, maxquota bigint not null default 0, quota bigint not null default 0, transport varchar(255),
  backupmx ${flag} not null, active ${flag} not null);
create table mailbox (username varchar(255) not null primary key, password varchar(255) not null, name varchar(255) not null default '',
  maildir varchar(255) not null default '', quota bigint not null default 0, local_part varchar(255) not null, domain varchar(255) not null,
  active ${flag} not null, phone varchar(30) not null default '', email_other varchar(255) not null default '');
insert into domain (domain, transport, backupmx, active) values ('example.org', 'virtual', ${no}, ${yes}), ('old.example', 'virtual', ${no}, ${no});
insert into mailbox (username, password, maildir, quota, local_part, domain, active) values
  ('ann@example.org', '{BLF-CRYPT}${bcrypt}', 'example.org/ann/', 1024000, 'ann', 'example.org', ${yes}),
  ('bob@example.org', '${md5Crypt}', 'example.org/bob/', 0, 'bob', 'example.org', ${yes}),
  ('off@example.org', '{BLF-CRYPT}${bcrypt}', 'example.org/off/', 0, 'off', 'example.org', ${no}),
  ('ann@old.example', '{BLF-CRYPT}${bcrypt}', 'old.example/ann/', 0, 'ann', 'old.example', ${yes});`;

const postfixadminPeople = {
  accepted: [login('ann@example.org'), login('bob@example.org')],
  refused: [login('off@example.org'), login('ann@old.example')],
  unknown: ['nobody@example.org', 'ann'],
  attributes: { quota: '1024000' },
  enrolls: `{BLF-CRYPT}${bcrypt}`,
} as const;

export const schemas: readonly Schema[] = [
  { name: 'postfixadmin-mysql', kind: 'mysql', sql: postfixadmin('1', '0', 'tinyint(1)'), ...postfixadminPeople },
  { name: 'postfixadmin-postgres', kind: 'postgres', sql: postfixadmin('true', 'false', 'boolean'), ...postfixadminPeople },
  {
    name: 'mailcow',
    kind: 'mysql',
    sql: `drop table if exists mailbox; drop table if exists domain;
create table domain (domain varchar(255) not null primary key, description varchar(255), aliases int not null default 0, mailboxes int not null default 0,
  quota bigint not null default 102400, backupmx tinyint(1) not null default 0, active tinyint(1) not null default 1);
create table mailbox (username varchar(255) not null primary key, password varchar(255) not null, name varchar(255), description varchar(255) not null default '',
  mailbox_path_prefix varchar(150) default '/var/vmail/', quota bigint not null default 102400, local_part varchar(255) not null, domain varchar(255) not null,
  attributes json, kind varchar(100) not null default '', multiple_bookings int not null default -1, created datetime not null default now(),
  active tinyint(1) not null default 1);
insert into domain (domain) values ('example.org');
insert into mailbox (username, password, quota, local_part, domain, attributes, kind, active) values
  ('ann@example.org', '{BLF-CRYPT}${bcrypt}', 3221225472, 'ann', 'example.org', '{"force_pw_update":"0","tls_enforce_in":"0","imap_access":"1","pop3_access":"0","smtp_access":"1","mailbox_format":"maildir:"}', '', 1),
  ('new@example.org', '{BLF-CRYPT}${bcrypt}', 0, 'new', 'example.org', '{"force_pw_update":"1"}', '', 1),
  ('bob@example.org', '{BLF-CRYPT}${bcrypt}', 0, 'bob', 'example.org', '{}', '', 1),
  ('out@example.org', '{BLF-CRYPT}${bcrypt}', 0, 'out', 'example.org', '{}', '', 2),
  ('room@example.org', '{BLF-CRYPT}${bcrypt}', 0, 'room', 'example.org', '{}', 'location', 1);`,
    accepted: [login('ann@example.org'), login('ann@example.org', 'smtp'), login('bob@example.org', 'pop3')],
    refused: [login('ann@example.org', 'pop3'), login('new@example.org'), login('out@example.org')],
    unknown: ['room@example.org', 'nobody@example.org'],
    attributes: { quota: '3221225472' },
  },
  {
    name: 'mailu',
    kind: 'sqlite',
    sql: `create table domain (created_at date not null, updated_at date, comment varchar(255), name varchar(80) not null primary key, max_users integer not null);
create table "user" (created_at date not null, updated_at date, comment varchar(255), localpart varchar(80) not null, password varchar(255) not null,
  quota_bytes bigint not null, quota_bytes_used bigint not null default 0, global_admin boolean not null default 0, enabled boolean not null default 1,
  change_pw_next_login boolean not null default 0, enable_imap boolean not null, enable_pop boolean not null, displayed_name varchar(160) not null default '',
  email varchar(255) not null primary key, domain_name varchar(80) not null references domain (name));
insert into domain values (date('now'), null, null, 'example.org', -1);
insert into "user" (created_at, localpart, password, quota_bytes, enabled, enable_imap, enable_pop, email, domain_name) values
  (date('now'), 'ann', '${bcryptSha256}', 1000000000, 1, 1, 0, 'ann@example.org', 'example.org'),
  (date('now'), 'bob', '${sha512Crypt}', 0, 1, 1, 1, 'bob@example.org', 'example.org'),
  (date('now'), 'off', '${sha512Crypt}', 0, 0, 1, 1, 'off@example.org', 'example.org');`,
    accepted: [
      { ...login('ann@example.org'), password: passlib },
      { ...login('ann@example.org', 'smtp'), password: passlib },
      login('bob@example.org', 'pop3'),
    ],
    refused: [{ ...login('ann@example.org', 'pop3'), password: passlib }, login('off@example.org')],
    unknown: ['nobody@example.org'],
    attributes: { quota_bytes: '1000000000' },
  },
  {
    name: 'modoboa',
    kind: 'postgres',
    sql: `create table core_user (id serial primary key, password varchar(128) not null, last_login timestamptz, is_superuser boolean not null default false,
  username varchar(254) not null unique, first_name varchar(30) not null default '', email varchar(254) not null, is_active boolean not null, is_local boolean not null default true);
create table admin_domain (id serial primary key, name varchar(100) not null unique, quota integer not null default 0, enabled boolean not null, type varchar(20) not null default 'domain');
create table admin_mailbox (id serial primary key, address varchar(252) not null, quota integer not null, use_domain_quota boolean not null default false,
  domain_id integer not null references admin_domain, user_id integer not null references core_user, is_send_only boolean not null default false);
insert into admin_domain (name, enabled) values ('example.org', true), ('old.example', false);
insert into core_user (password, username, email, is_active) values
  ('{SHA512-CRYPT}${sha512Crypt}', 'ann@example.org', 'ann@example.org', true), ('{SHA512-CRYPT}${sha512Crypt}', 'off@example.org', 'off@example.org', false),
  ('{SHA512-CRYPT}${sha512Crypt}', 'ann@old.example', 'ann@old.example', true), ('{SHA512-CRYPT}${sha512Crypt}', 'robot@example.org', 'robot@example.org', true),
  ('{SHA512-CRYPT}${sha512Crypt}', 'admin', 'admin@example.org', true);
insert into admin_mailbox (address, quota, domain_id, user_id, is_send_only) values ('ann', 1024, 1, 1, false), ('off', 0, 1, 2, false), ('ann', 0, 2, 3, false), ('robot', 0, 1, 4, true);`,
    accepted: [login('ann@example.org'), login('robot@example.org', 'smtp')],
    refused: [login('off@example.org'), login('ann@old.example'), login('robot@example.org', 'imap')],
    unknown: ['admin@example.org', 'nobody@example.org'],
    attributes: { quota: '1024' },
    enrolls: `{SHA512-CRYPT}${sha512Crypt}`,
  },
  {
    name: 'dovecot',
    kind: 'sqlite',
    sql: `create table users (username varchar(128) not null, domain varchar(128) not null, password varchar(64) not null, home varchar(255) not null,
  uid integer not null, gid integer not null, active char(1) default 'Y' not null);
insert into users values ('ann', 'example.org', '{BLF-CRYPT}${bcrypt}', '/srv/mail/ann', 1000, 1000, 'Y'),
  ('bob', 'example.org', '${md5Crypt}', '/srv/mail/bob', 1001, 1001, 'Y'), ('off', 'example.org', '${md5Crypt}', '/srv/mail/off', 1002, 1002, 'N');`,
    accepted: [login('ann@example.org'), login('bob@example.org')],
    refused: [login('off@example.org')],
    unknown: ['ann', 'ann@example.net', 'ann@example.org@example.org'],
    attributes: { home: '/srv/mail/ann' },
    enrolls: `{BLF-CRYPT}${bcrypt}`,
  },
];
