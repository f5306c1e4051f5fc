import type { Advice } from '@postern/contract';
import { adviceOnDatabase, compiled, dialectOf, type Compiled, type Statement } from '@postern/sql';
import { attributePrefix } from './bindings.js';
import { noPasswordRule, type SqlConfig } from './config.js';

const ofUser = ['user', 'local', 'domain'] as const;
const ofLogin = [...ofUser, 'protocol', 'clientIp'] as const;
const ofEnrolling = [...ofUser, 'password', 'previous'] as const;
const ofWithdrawing = [...ofUser, 'previous'] as const;

/** The statements of a config. */
export interface Statements {
  readonly query: Statement;
  /** Absent when the query asks for what only a login knows, and there is none of its own. */
  readonly lookup?: Statement;
  readonly enroll?: Statement;
  /** There when a user without a password is unknown, as it has to be afterwards. */
  readonly withdraw?: Statement;
}

type Draft = { readonly [K in keyof Statements]-?: Compiled | undefined };

const draft = ({ url, query, lookup, enroll, withdraw }: SqlConfig): Draft => ({
  query: compiled(query, url, ofLogin, ['query']),
  lookup: lookup === undefined ? undefined : compiled(lookup, url, ofUser, ['lookup']),
  enroll: enroll === undefined ? undefined : compiled(enroll, url, [...ofEnrolling, ...attributesIn(enroll)], ['enroll']),
  withdraw: withdraw === undefined ? undefined : compiled(withdraw, url, ofWithdrawing, ['withdraw']),
});

/** Any attribute may be kept: `{attributes.host}`. */
const attributesIn = (template: string): readonly string[] =>
  [...template.matchAll(/\{(attributes\.[^{}\s]+)\}/g)].map(([, name = '']) => name);

/** Throws what `adviceOn` would have said. */
export const statementsOf = (config: SqlConfig): Statements => {
  const { query, lookup, enroll, withdraw } = draft(config);
  const own = sound(lookup);
  const asked = sound(query);
  if (asked === undefined) throw new Error('there is no query');
  const found = own ?? (onlyOfUser(asked) ? asked : undefined);
  const kept = sound(enroll);
  const taken = noPasswordRule(config) === 'unknown-user' && kept !== undefined ? (sound(withdraw) ?? unlessItDoesMore(kept)) : undefined;
  return {
    query: asked,
    ...(found === undefined ? {} : { lookup: found }),
    ...(kept === undefined ? {} : { enroll: kept }),
    ...(taken === undefined ? {} : { withdraw: taken }),
  };
};

/** A statement that only inserts cannot change what is there, and one that writes attributes would empty them. */
const unlessItDoesMore = (enroll: Statement): Statement | undefined => {
  const insertsOnly = /^(?:insert|replace)\b/i.test(enroll.text) && !/\bupdate\b/i.test(enroll.text);
  return insertsOnly || enroll.variables.some((name) => name.startsWith(attributePrefix)) ? undefined : enroll;
};

/** What can be said of a config without a network. */
export const adviceOn = (config: SqlConfig): readonly Advice[] => {
  const { query, lookup, enroll, withdraw } = draft(config);
  return [
    ...adviceOnDatabase(config),
    ...adviceOnChanges(config),
    ...[query, lookup, enroll, withdraw].flatMap((one) => (one?.kind === 'problem' ? [one.advice] : [])),
    ...(query?.kind === 'statement' ? adviceOnQuery(query.statement, lookup !== undefined) : []),
    ...(query?.kind === 'statement' ? adviceOnSpelling(query.statement, config) : []),
    ...(enroll?.kind === 'statement' ? adviceOnEnroll(enroll.statement) : []),
    ...(withdraw?.kind === 'statement' ? adviceOnWithdraw(withdraw.statement, config) : []),
  ];
};

const sound = (one: Compiled | undefined): Statement | undefined => {
  if (one?.kind === 'problem') throw new Error(one.advice.message);
  return one?.statement;
};

const onlyOfUser = ({ variables }: Statement): boolean => variables.every((name) => (ofUser as readonly string[]).includes(name));

const asksForUser = ({ variables }: Statement): boolean => variables.includes('user') || variables.includes('local');

const adviceOnChanges = ({ changes, url, prepare }: SqlConfig): readonly Advice[] => {
  if (changes === undefined) return [];
  const [stranger] = url.flatMap(({ dialect }) => (dialect === undefined || dialect === 'postgres' ? [] : [dialect]));
  if (stranger !== undefined) {
    const message = `${stranger} tells nobody of changes; only PostgreSQL does.`;
    return [{ path: ['changes'], severity: 'error', message, hint: 'Leave changes out; the cache forgets after its ttl.' }];
  }
  if (prepare) return [];
  const message = 'a pooler that works by transaction does not hand on what the database tells.';
  return [{ path: ['changes'], severity: 'warning', message, hint: 'Name the database itself in url, or leave changes out.' }];
};

/** A bound value to the right of an operator that takes a pattern. */
const comparesPatterns = /\b(?:i?like|rlike|regexp|similar\s+to)\s+(?:\w+\s*\()?\s*(?:\$\d|\?)/i;

const adviceOnQuery = (query: Statement, hasLookup: boolean): readonly Advice[] => {
  const advice: Advice[] = [];
  if (!asksForUser(query)) {
    const message = 'the query does not ask for {user} or {local}: every login would get the same row.';
    advice.push({ path: ['query'], severity: 'error', message, hint: 'Add a condition such as where email = {user}.' });
  }
  if (!/\bpassword\b|\*/i.test(query.text)) {
    const message = 'the query gives no column that is called password.';
    advice.push({ path: ['query'], severity: 'warning', message, hint: 'Name it: select crypted as password, …' });
  }
  if (comparesPatterns.test(query.text)) {
    const message =
      'the query compares by pattern: a login that holds % or _ finds somebody else, and each of them counts as another user.';
    advice.push({ path: ['query'], severity: 'warning', message, hint: 'Compare with =, for example lower(email) = lower({user}).' });
  }
  if (!hasLookup && !onlyOfUser(query)) {
    const message = 'the query asks for {protocol} or {clientIp}, which is not known for client certificates, SMTP recipients and explain.';
    advice.push({ path: ['query'], severity: 'warning', message, hint: 'Give a second statement without them as lookup.' });
  }
  return advice;
};

/** Before the first `from`, or compared byte by byte. */
const namesUser = /^(?:(?!\bfrom\b).)*(?:\buser\b|\*)|\bbinary\b|_bin\b/is;

/** MySQL's usual collations take `muller` for `müller`; without the row's own spelling each of these is an account. */
const adviceOnSpelling = ({ text }: Statement, { url }: SqlConfig): readonly Advice[] => {
  if (dialectOf(url) !== 'mysql' || namesUser.test(text)) return [];
  const message =
    'the query gives no column that is called user, and most collations of MySQL take ann, ÁNN and änn for one: each would be an account.';
  return [{ path: ['query'], severity: 'warning', message, hint: 'Give the spelling that is kept: select email as user, …' }];
};

const adviceOnEnroll = (enroll: Statement): readonly Advice[] => {
  const advice: Advice[] = [];
  if (!enroll.variables.includes('password') || !asksForUser(enroll)) {
    const message = 'the statement needs {password} and {user} or {local}: it would write the wrong thing, or everywhere.';
    advice.push({
      path: ['enroll'],
      severity: 'error',
      message,
      hint: 'For example: update users set password = {password} where email = {user} …',
    });
  }
  if (!enroll.variables.includes('previous') && !/^insert\b/i.test(enroll.text)) {
    const message = 'the statement does not look at {previous}: a password that was changed meanwhile would be overwritten.';
    advice.push({
      path: ['enroll'],
      severity: 'warning',
      message,
      hint: 'Add the condition that the old hash is still {previous}; see docs/stores/sql.md.',
    });
  }
  return advice;
};

const adviceOnWithdraw = (withdraw: Statement, config: SqlConfig): readonly Advice[] => {
  const advice: Advice[] = [];
  if (!asksForUser(withdraw) || !withdraw.variables.includes('previous')) {
    const message = 'the statement needs {previous}, and {user} or {local}: it would take away the wrong thing.';
    const hint = "For example: update users set password = '' where email = {user} and password = {previous}";
    advice.push({ path: ['withdraw'], severity: 'error', message, hint });
  }
  if (config.enroll === undefined || noPasswordRule(config) === 'reject') {
    const message = 'the statement is never used: it takes `enroll`, and `noPassword: unknown-user`.';
    advice.push({ path: ['withdraw'], severity: 'warning', message, hint: 'Give both, or leave withdraw out.' });
  }
  return advice;
};
