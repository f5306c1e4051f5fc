import { createHash, randomBytes } from 'node:crypto';
import { slapdSuffix } from '@postern/testkit';
import { ann, bob, dora, type Person } from './people.js';

/** Reads the directory for the gateway. */
export const reader = { dn: `cn=reader,${slapdSuffix}`, password: 'canary-reader' };
export const peopleBase = `ou=people,${slapdSuffix}`;

/** Salted, as OpenLDAP and Dovecot read it. */
const salted = (algorithm: 'sha1' | 'sha512', { password }: Person): string => {
  const salt = randomBytes(8);
  const digest = createHash(algorithm).update(password).update(salt).digest();
  return Buffer.concat([digest, salt]).toString('base64');
};

const entry = (person: Person, host: string, more = ''): string =>
  [
    `dn: mail=${person.user},${peopleBase}`,
    'objectClass: inetOrgPerson\nobjectClass: extensibleObject',
    `cn: ${person.user}\nsn: ${person.user}\nmail: ${person.user}\nmailHost: ${host}`,
    `userPassword: {SSHA}${salted('sha1', person)}\n${more}\n`,
  ].join('\n');

/** Ann at mail-a, Bob at mail-b, Dora disabled. */
export const directoryPeople = [
  `dn: ${peopleBase}\nobjectClass: organizationalUnit\nou: people\n\n`,
  `dn: ${reader.dn}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: reader\n`,
  `userPassword: {SSHA}${salted('sha1', { user: '', password: reader.password })}\n\n`,
  entry(ann, 'mail-a'),
  entry(bob, 'mail-b'),
  entry(dora, 'mail-a', 'employeeType: disabled\n'),
].join('');

const rows = (
  [
    [ann, 'mail-a', 1],
    [bob, 'mail-b', 1],
    [dora, 'mail-a', 0],
  ] as const
).map(([person, host, active]) => `('${person.user}', '{SSHA512}${salted('sha512', person)}', '${host}', ${active})`);

/** The same people as a table, in words that PostgreSQL, MariaDB and SQLite all know. */
export const tablePeople = [
  'create table mailbox (email varchar(255) primary key, password varchar(255), host varchar(64), active int);',
  `insert into mailbox values ${rows.join(', ')};`,
].join('\n');

export const peopleQuery = 'select password, host, active as enabled from mailbox where email = {user}';

export const byHost = { use: 'table', with: { attribute: 'host' } };
