import { broken, type Entry, type FormatReader, type Line } from './entry.js';

/** libpam-pwdfile's mark for hashes of another scheme, which Dovecot reads too. */
const suffixes = new Map([
  ['34', 'PLAIN-MD5'],
  ['56', 'DIGEST-MD5'],
]);

/** What these say of a user, a store that keeps hashes cannot say: leaving it away would let somebody in otherwise than before. */
const beyond = new Map([
  ['user', '`user=` makes it another name of somebody; import that one'],
  ['pass', '`pass=` is a password for the mail server, which an import does not keep'],
  ['destuser', '`destuser=` is another login at the mail server, which an import does not keep'],
  ['nopassword', '`nopassword` lets in without a password'],
  ['password', '`password=` stands among the extra fields; its place is the second field'],
]);

/** Dovecot's passwd-file: `user:password:uid:gid:gecos:home:shell:extra fields`, `#` for comments. */
export class PasswdFileReader implements FormatReader {
  read(lines: readonly Line[]): readonly Entry[] {
    return lines.flatMap((line) => {
      if (line.trouble !== undefined) return [broken(line.number, line.trouble)];
      return line.text === '' || line.text.startsWith('#') ? [] : [entryOf(line)];
    });
  }

  end(): readonly Entry[] {
    return [];
  }
}

const entryOf = ({ number, text }: Line): Entry => {
  const [user = '', password, ...rest] = text.split(':');
  if (password === undefined) return broken(number, 'there is no colon');
  const extra = rest.slice(5).join(':');
  // Before version 1 of Dovecot a seventh field told the place of the mail, behind an empty sixth.
  const fields = extra.startsWith(':') ? [] : extra.split(/[ \t]+/).filter((field) => field !== '');
  return personOf(number, user, withScheme(password), fields);
};

const personOf = (line: number, user: string, stored: string, fields: readonly string[]): Entry => {
  const attributes = new Map<string, string>();
  let enabled = true;
  for (const field of fields) {
    const equals = field.indexOf('=');
    const name = equals < 0 ? field : field.slice(0, equals);
    const value = equals < 0 ? 'yes' : field.slice(equals + 1);
    const reason = beyond.get(name);
    if (reason !== undefined) return broken(line, reason);
    if (name === 'nologin') enabled = value === 'no';
    else attributes.set(name, value);
  }
  return { kind: 'person', line, user, stored, enabled, attributes: Object.fromEntries(attributes) };
};

const withScheme = (password: string): string => {
  const [, hash, number = ''] = /^([^{$].*)\[(\d\d)\]$/.exec(password) ?? [];
  return hash === undefined ? password : `{${suffixes.get(number) ?? 'CRYPT'}}${hash}`;
};
