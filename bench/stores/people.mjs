// The servers that are asked, with a thousand users each.
import { createHash, randomBytes } from 'node:crypto';
import { slapdManager, slapdSuffix, startPostgres, startSlapd } from '@postern/testkit';
import { users } from '../servers.mjs';
import { password } from './loop.mjs';

const algorithms = { SSHA: 'sha1', SSHA512: 'sha512' };

/** A hash of everybody's password, with a salt of its own. */
export const hashOf = (scheme) => {
  const salt = randomBytes(8);
  const digest = createHash(algorithms[scheme]).update(password).update(salt).digest();
  return `{${scheme}}${Buffer.concat([digest, salt]).toString('base64')}`;
};

/** Who searches the directory. */
export const service = { dn: `cn=postern,${slapdSuffix}`, password: 'the service account' };

export const base = `ou=people,${slapdSuffix}`;

/** An entry that nobody logs in as, for unknown users to be tried at. */
export const decoy = `cn=decoy,${slapdSuffix}`;

const entry = (dn, ...lines) => `${[`dn: ${dn}`, ...lines].join('\n')}\n\n`;

/** People who are there and disabled; their names are as long as the others'. */
export const disabled = users.slice(0, 100).map((user) => user.replace('user', 'gone'));

const personEntry = (user, ...more) => {
  const name = user.slice(0, user.indexOf('@'));
  const lines = [`uid: ${name}`, `cn: ${name}`, `sn: ${name}`, `mail: ${user}`, `userPassword: ${hashOf('SSHA')}`];
  return entry(`uid=${name},${base}`, 'objectClass: inetOrgPerson', ...lines, ...more);
};

const ldif = () =>
  [
    entry(base, 'objectClass: organizationalUnit'),
    entry(service.dn, 'objectClass: organizationalRole', 'objectClass: simpleSecurityObject', `userPassword: ${service.password}`),
    entry(decoy, 'objectClass: organizationalRole', 'objectClass: simpleSecurityObject', `userPassword: ${hashOf('SSHA')}`),
    ...users.map((user) => personEntry(user)),
    ...disabled.map((user) => personEntry(user, 'employeeType: disabled')),
  ].join('');

/** OpenLDAP's slapd, its log off: it would be the slowest part. */
export const startDirectory = async (room) => {
  const { host, port } = await startSlapd(room, { name: 'slapd', ldif: ldif(), log: 'none' });
  return { host, port, url: `ldap://${host}:${port}`, base, service, manager: slapdManager };
};

const rowOf = (user, enabled) => `('${user}', '${hashOf('SSHA512')}', ${enabled})`;

/** The table with everybody, for PostgreSQL and SQLite. */
export const tableOfPeople = () => {
  const rows = [...users.map((user) => rowOf(user, true)), ...disabled.map((user) => rowOf(user, false))];
  return `create table users (email text primary key, password text not null, enabled boolean not null);\ninsert into users values\n${rows.join(',\n')};`;
};

/** PostgreSQL, its log off. */
export const startDatabase = (room) =>
  startPostgres(room, {
    settings: { log_statement: 'none' },
    setup: `${tableOfPeople()}\nanalyze users;`,
  });
