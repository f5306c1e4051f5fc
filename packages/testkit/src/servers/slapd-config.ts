import type { KeyPair } from './certificates.js';

export interface SlapdOptions {
  /** Names the folder and the messages. */
  readonly name: string;
  /** Entries below the suffix, as LDIF. Operational attributes such as `memberOf` and `pwdAccountLockedTime` may be given. */
  readonly ldif: string;
  /** Offers StartTLS and an ldaps listener. */
  readonly tls?: KeyPair;
  /** GnuTLS priorities, for example `SECURE128:-VERS-ALL:+VERS-TLS1.2`. */
  readonly tlsCiphers?: string;
  /** DN of the default password policy entry; the ppolicy overlay then enforces it. */
  readonly policy?: string;
  /** Lines of `access to … by …`, before the usual ones: users may read themselves, everybody may authenticate and search. */
  readonly access?: readonly string[];
  /** More lines for the global part of slapd.conf, for example `idletimeout 1`. */
  readonly global?: readonly string[];
  /** What it writes into its log: slapd's debug levels. `stats` when absent; `none` costs no time. */
  readonly log?: string;
}

/** Everything in the directory is below this. */
export const slapdSuffix = 'dc=example,dc=org';

/** May read and write everything. */
export const slapdManager = { dn: `cn=manager,${slapdSuffix}`, password: 'manager-of-all' } as const;

const schemas = ['core', 'cosine', 'inetorgperson', 'nis', 'misc'];

const usualAccess = [
  'access to attrs=userPassword by anonymous auth by self write by * none',
  'access to * by users read by anonymous read by * none',
];

const tlsLines = (tls: KeyPair | undefined, ciphers: string | undefined): readonly string[] =>
  tls === undefined
    ? []
    : [
        `TLSCertificateFile ${tls.cert}`,
        `TLSCertificateKeyFile ${tls.key}`,
        ...(ciphers === undefined ? [] : [`TLSCipherSuite ${ciphers}`]),
      ];

/** `slapd.conf`, for the data in `FOLDER/data`. */
export const slapdConfig = (options: SlapdOptions, folder: string): string =>
  [
    ...schemas.map((name) => `include /etc/ldap/schema/${name}.schema`),
    'modulepath /usr/lib/ldap',
    ...['back_mdb', 'memberof', 'ppolicy'].map((name) => `moduleload ${name}`),
    `pidfile ${folder}/slapd.pid`,
    `argsfile ${folder}/slapd.args`,
    'sizelimit 100',
    ...(options.global ?? []),
    ...tlsLines(options.tls, options.tlsCiphers),
    'database mdb',
    'maxsize 67108864',
    // Nobody needs this data after a crash, and tests write a lot.
    'dbnosync',
    `suffix "${slapdSuffix}"`,
    `rootdn "${slapdManager.dn}"`,
    `rootpw ${slapdManager.password}`,
    `directory ${folder}/data`,
    'index objectClass,uid,mail eq',
    ...(options.access ?? []),
    ...usualAccess,
    'overlay memberof',
    ...(options.policy === undefined ? [] : ['overlay ppolicy', `ppolicy_default "${options.policy}"`, 'ppolicy_use_lockout']),
    '',
  ].join('\n');

/** The entry at the suffix. */
export const slapdRoot = `dn: ${slapdSuffix}\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n\n`;
