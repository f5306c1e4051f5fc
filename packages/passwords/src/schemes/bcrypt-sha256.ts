import { createHash, createHmac } from 'node:crypto';
import type { Scheme } from '../scheme.js';
import { openBcrypt } from './bcrypt.js';

type Keyed = readonly [shape: RegExp, keyOf: (password: Uint8Array, salt: string) => Uint8Array];

/** What bcrypt is given: a digest of the password, so that all of it counts. */
const keyed: readonly Keyed[] = [
  // Django.
  [
    /^bcrypt_sha256\$\$2([ab])\$(\d\d)\$([./A-Za-z0-9]{53})$/,
    (password) => Buffer.from(createHash('sha256').update(password).digest('hex')),
  ],
  // passlib since 1.7.3: HMAC under the salt as it is written.
  [
    /^\$bcrypt-sha256\$v=2,t=2([ab]),r=(\d{1,2})\$([./A-Za-z0-9]{22}\$[./A-Za-z0-9]{31})$/,
    (password, salt) => Buffer.from(createHmac('sha256', salt).update(password).digest('base64')),
  ],
  // passlib before.
  [
    /^\$bcrypt-sha256\$2([aby]),(\d{1,2})\$([./A-Za-z0-9]{22}\$[./A-Za-z0-9]{31})$/,
    (password) => Buffer.from(createHash('sha256').update(password).digest('base64')),
  ],
];

const readKeyed = (
  data: Buffer,
): { readonly groups: readonly string[]; readonly keyOf: (password: Uint8Array) => Uint8Array } | undefined => {
  for (const [form, keyOf] of keyed) {
    const [, version, digits, written] = form.exec(data.toString('latin1')) ?? [];
    if (version === undefined || digits === undefined || written === undefined) continue;
    const rest = written.replace('$', '');
    return { groups: [version, digits, rest], keyOf: (password) => keyOf(password, rest.slice(0, 22)) };
  }
  return undefined;
};

export const bcryptSha256: Scheme = {
  names: ['BCRYPT-SHA256'],
  weak: false,
  encoding: 'text',
  costOf: (data) => String(Number(readKeyed(data)?.groups[1])),
  open: (data) => {
    const { groups, keyOf } = readKeyed(data) ?? { groups: [], keyOf: (password: Uint8Array) => password };
    return openBcrypt('BCRYPT-SHA256', groups, keyOf);
  },
};
