import { splitUser, type Account, type LoginAttempt, type PasswordHash } from '@postern/contract';
import type { Bindings, Value } from '@postern/sql';

const ofUser = (user: string): [string, Value][] => {
  const { local, domain } = splitUser(user);
  return [
    ['user', user],
    ['local', local],
    ['domain', domain],
  ];
};

export const bindingsOfUser = (user: string): Bindings => new Map(ofUser(user));

export const bindingsOfLogin = ({ user, protocol, client }: Pick<LoginAttempt, 'user' | 'protocol' | 'client'>): Bindings =>
  new Map([...ofUser(user), ['protocol', protocol], ['clientIp', client.ip]]);

/** What the question for a kept hash says of a login that there is none of: an address for documentation, RFC 5737. */
export const bindingsOfKept = (user: string): Bindings => bindingsOfLogin({ user, protocol: 'imap', client: { ip: '192.0.2.1' } });

/** `named`: the statement's variables; an attribute that the account lacks is NULL. */
export const bindingsOfEnrolling = (
  { user, attributes }: Pick<Account, 'user' | 'attributes'>,
  { hash, previous }: PasswordHash,
  named: readonly string[] = [],
): Bindings => {
  const wanted = named.filter((name) => name.startsWith(attributePrefix)).map((name) => name.slice(attributePrefix.length));
  const values = wanted.map((name): [string, Value] => [
    `${attributePrefix}${name}`,
    Object.hasOwn(attributes, name) ? (attributes[name] ?? null) : null,
  ]);
  return new Map([...ofUser(user), ['password', hash], ['previous', previous ?? null], ...values]);
};

/** Before the name of an account's attribute in the enroll statement: `{attributes.host}`. */
export const attributePrefix = 'attributes.';

export const bindingsOfWithdrawing = (user: string, previous: string): Bindings =>
  new Map([...ofUser(user), ['password', null], ['previous', previous]]);

const longestLogin = 1024;

/**
 * Whether a name can be anybody's. Control characters are taken out here and not by the database: PostgreSQL refuses NUL,
 * and some of MySQL's collations do not see any of them. So are halves of surrogate pairs, which no encoding has.
 */
export const canBeALogin = (user: string): boolean => user !== '' && user.length <= longestLogin && !/[\p{Cc}\p{Cs}]/u.test(user);
