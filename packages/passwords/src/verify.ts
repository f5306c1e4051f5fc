import { unusable, type PasswordCheck, type Unusable } from './check.js';
import { isDigest, verifyDigest } from './digest.js';
import { heavyChecks } from './gate.js';
import type { Opened, Scheme } from './scheme.js';
import { answerFromStates, cramMd5 } from './schemes/cram-md5.js';
import { plain } from './schemes/plain.js';
import { schemeNamed } from './schemes/table.js';
import { readStored, type Stored } from './stored.js';

export interface SchemeRules {
  /** Scheme of stored texts that neither name one nor begin as one does (`$id$`). `CRYPT` reads what crypt(3) would. */
  readonly defaultScheme: string;
  /** Weak schemes that are taken all the same, by Dovecot's names without braces. */
  readonly allowWeak: readonly string[];
}

/** What can be said of a stored password without a password to try. */
export interface Examined {
  /** The scheme's name; absent when it could not be told. */
  readonly scheme?: string;
  readonly weak: boolean;
  /** Why it cannot be used; absent when it can. */
  readonly problem?: string;
  /** Scheme and parameters: texts with equal ones cost the same to check. Absent when it cannot be used. */
  readonly cost?: string;
}

/**
 * Whether a password fits a stored text. At once for cheap schemes, as a promise for heavy ones. The promise rejects
 * when too many checks wait, or with the signal's reason if it aborts before the check began; never for a broken hash.
 */
export const checkPassword = (
  password: Uint8Array,
  stored: string,
  rules: SchemeRules,
  signal?: AbortSignal,
): PasswordCheck | Promise<PasswordCheck> => {
  const opened = open(stored, rules);
  switch (opened.kind) {
    case 'unusable':
      return opened;
    case 'cheap':
      return opened.holds(password) ? 'match' : 'mismatch';
    case 'heavy':
      return heavyChecks.run(() => heavyCheck(opened.holds, password), signal);
  }
};

/** As `checkPassword`, always a promise. */
export const verifyPassword = async (
  password: Uint8Array,
  stored: string,
  rules: SchemeRules,
  signal?: AbortSignal,
): Promise<PasswordCheck> => checkPassword(password, stored, rules, signal);

/** Costs what a check against `like` costs and says nothing: for users that are not there. */
export const burn = async (password: Uint8Array, like: string, rules: SchemeRules, signal?: AbortSignal): Promise<void> => {
  await checkPassword(password, like, rules, signal);
};

export const examine = (stored: string, rules: SchemeRules): Examined => {
  const read = readStored(stored, rules.defaultScheme);
  if (read.kind === 'unusable') return { weak: false, problem: read.why };
  const { scheme, data } = read;
  const known = { scheme: scheme.names[0], weak: scheme.weak };
  const opened = openRead(read, rules);
  if (opened.kind === 'unusable') return { ...known, problem: opened.why };
  return { ...known, cost: `${scheme.names[0]} ${scheme.costOf?.(data) ?? ''}`.trimEnd() };
};

/** Name of the scheme that a stored text is of, `CRYPT` resolved; undefined when it cannot be told. */
export const schemeOf = (stored: string, defaultScheme: string): string | undefined => {
  const read = readStored(stored, defaultScheme);
  return read.kind === 'stored' ? read.scheme.names[0] : undefined;
};

/**
 * Whether a client's answer to a challenge fits a stored password. Only {PLAIN} answers both mechanisms and {CRAM-MD5} its
 * own; what stands under any other scheme is a mismatch at the same price (rule 31), as is an empty challenge.
 */
export const checkDigest = (
  mechanism: 'apop' | 'cram-md5',
  salt: string,
  digest: string,
  stored: string | undefined,
  rules: SchemeRules,
): 'match' | 'mismatch' => {
  const read = stored === undefined ? undefined : readStored(stored, rules.defaultScheme);
  const answers = read?.kind === 'stored' && isAllowed(read.scheme, rules) ? read : undefined;
  if (mechanism === 'cram-md5' && answers?.scheme === cramMd5 && answers.data.length === 32)
    return isDigest(digest, answerFromStates(answers.data, salt)) && salt !== '' ? 'match' : 'mismatch';
  const secret = stored === undefined ? undefined : clearText(stored, rules);
  const held = verifyDigest(mechanism, salt, digest, secret ?? nobodysPassword);
  return held && secret !== undefined && salt !== '' ? 'match' : 'mismatch';
};

/** Stands in for a password that cannot be computed with, so that the answer costs the same. */
const nobodysPassword = 'a password that nobody has';

/** The password itself, where the scheme keeps it: what APOP and CRAM-MD5 need. */
export const clearText = (stored: string, rules: SchemeRules): string | undefined => {
  const read = readStored(stored, rules.defaultScheme);
  if (read.kind === 'unusable' || read.scheme !== plain || !isAllowed(plain, rules)) return undefined;
  const text = read.data.toString('utf8');
  return text !== '' && Buffer.from(text, 'utf8').equals(read.data) ? text : undefined;
};

const open = (stored: string, rules: SchemeRules): Opened => {
  const read = readStored(stored, rules.defaultScheme);
  return read.kind === 'unusable' ? read : openRead(read, rules);
};

const openRead = ({ scheme, data }: Stored, rules: SchemeRules): Opened =>
  isAllowed(scheme, rules) ? scheme.open(data) : forbidden(scheme);

const isAllowed = (scheme: Scheme, rules: SchemeRules): boolean =>
  !scheme.weak || rules.allowWeak.some((name) => scheme.names.includes(name) || schemeNamed(name) === scheme);

const forbidden = (scheme: Scheme): Unusable => unusable(`the scheme ${scheme.names[0]} is weak and not allowed here`);

/** The libraries throw at what our own reading let pass; that too is a broken hash and no wrong password. */
const heavyCheck = async (holds: (password: Uint8Array) => Promise<boolean>, password: Uint8Array): Promise<PasswordCheck> => {
  try {
    return (await holds(password)) ? 'match' : 'mismatch';
  } catch {
    return unusable('the hash cannot be checked');
  }
};
