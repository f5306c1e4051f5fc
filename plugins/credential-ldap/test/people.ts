import { createHash, randomBytes } from 'node:crypto';
import { slapdSuffix } from '@postern/testkit';

export const people = `ou=people,${slapdSuffix}`;
export const service = { dn: `cn=search,${slapdSuffix}`, password: 'Service-Search-Secret' };
export const policy = `cn=policy,${slapdSuffix}`;

export interface Somebody {
  readonly uid: string;
  readonly mail?: string | readonly string[];
  /** Clear text; kept as {SSHA}. */
  readonly password?: string;
  /** More lines of LDIF. */
  readonly more?: readonly string[];
  /** In place of the first `mail=…`. */
  readonly rdn?: string;
}

const ssha = (password: string): string => {
  const salt = randomBytes(8);
  const digest = createHash('sha1').update(password).update(salt).digest();
  return `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`;
};

/** A line of LDIF; base64 takes any bytes (RFC 2849). */
export const line = (attribute: string, value: string): string => `${attribute}:: ${Buffer.from(value).toString('base64')}\n`;

export const entry = ({ uid, mail = `${uid}@example.org`, password, more = [], rdn }: Somebody): string =>
  [
    line('dn', `${rdn ?? `mail=${[mail].flat()[0] ?? ''}`},${people}`),
    'objectClass: inetOrgPerson\nobjectClass: extensibleObject\n',
    line('cn', uid),
    line('sn', uid),
    line('uid', uid),
    ...[mail].flat().map((each) => line('mail', each)),
    password === undefined ? '' : line('userPassword', ssha(password)),
    ...more.map((each) => `${each}\n`),
    '\n',
  ].join('');

/** The folders, the service account, and a password policy that locks after three tries. */
export const frame = [
  `dn: ${people}\nobjectClass: organizationalUnit\nou: people\n\n`,
  `dn: ${service.dn}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: search\n${line('userPassword', ssha(service.password))}\n`,
  `dn: ${policy}\nobjectClass: device\nobjectClass: pwdPolicy\ncn: policy\npwdAttribute: userPassword\npwdLockout: TRUE\npwdMaxFailure: 3\n`,
  'pwdMaxAge: 0\npwdMustChange: TRUE\n\n',
  `dn: cn=strict,${slapdSuffix}\nobjectClass: device\nobjectClass: pwdPolicy\ncn: strict\npwdAttribute: userPassword\npwdMaxAge: 60\n\n`,
].join('');

export const many = Array.from({ length: 60 }, (_, index) => ({
  user: `user-${index}@example.org`,
  password: `Secret-${index}-of-many`,
}));

export const everybody = [
  entry({ uid: 'ann', password: 'Hash-of-Ann', more: ['departmentNumber: mail-b', `memberOf: cn=mail,${slapdSuffix}`] }),
  entry({ uid: 'off', password: 'Right-but-off', more: ['employeeType: disabled', `memberOf: cn=mail,${slapdSuffix}`] }),
  entry({ uid: 'guest', password: 'Right-but-guest' }),
  ...many.map(({ user, password }) => entry({ uid: user.replace(/@.*/, ''), password, more: [`memberOf: cn=mail,${slapdSuffix}`] })),
].join('');
