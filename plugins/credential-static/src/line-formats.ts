import { readExtraFields, type ExtraFields } from './extra-fields.js';

/** What one line of a users' file says. */
export interface Line {
  readonly name: string;
  readonly stored: string;
  readonly extra: ExtraFields;
}

const noExtra = readExtraFields('');

/** The file's own mark for a hash of another scheme, from libpam-pwdfile; Dovecot reads it too. */
const suffixes = new Map([
  ['34', 'PLAIN-MD5'],
  ['56', 'DIGEST-MD5'],
]);

/**
 * Dovecot's passwd-file: `user:password:uid:gid:gecos:home:shell:extra fields`. The five in the middle are for mail
 * servers. Throws an `Error` that says what is wrong with the line.
 */
export const readPasswdLine = (line: string): Line => {
  const [name = '', password, ...rest] = line.split(':');
  if (password === undefined) throw new Error('there is no colon');
  const extra = rest.slice(5).join(':');
  // Before version 1 the sixth was empty and a seventh told the place of the mail: nothing for us.
  return { name, stored: withScheme(password), extra: extra.startsWith(':') ? noExtra : readExtraFields(extra) };
};

const withScheme = (password: string): string => {
  const [, hash, number = ''] = /^([^{$].*)\[(\d\d)\]$/.exec(password) ?? [];
  return hash === undefined ? password : `{${suffixes.get(number) ?? 'CRYPT'}}${hash}`;
};

/** Apache's htpasswd: `user:hash`. What stands after a second colon is not looked at, as in Apache. */
export const readHtpasswdLine = (line: string): Line => {
  const [name = '', stored] = line.split(':');
  if (stored === undefined) throw new Error('there is no colon');
  return { name, stored, extra: noExtra };
};
