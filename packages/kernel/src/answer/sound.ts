import {
  type Account,
  type BackendRef,
  type Enrolled,
  isHostText,
  type Kept,
  type Lookup,
  type Routing,
  type Verdict,
} from '@postern/contract';

/** What an instance answered, once it is known to be one of the contract's answers; or what is wrong with it, without quoting it. */
export type Sound<T> = { readonly kind: 'sound'; readonly value: T } | { readonly kind: 'nonsense'; readonly why: string };

/** An instance answered something that the contract does not know. */
export class Nonsense extends Error {
  override readonly name = 'Nonsense';
}

/** Throws `Nonsense`. */
export const checked = <T>(answer: Sound<T>): T => {
  if (answer.kind === 'nonsense') throw new Nonsense(answer.why);
  return answer.value;
};

type Fields = Readonly<Record<string, unknown>>;

const refusedWhys: ReadonlySet<unknown> = new Set(['disabled', 'expired', 'locked', 'policy', 'tls-required']);
const maxUserBytes = 512;

/** Controls would split a header line, white space at an end would be lost on nginx's side (rule 48). */
const headerUnsafe = /[\u0000-\u001f\u007f\p{Cs}]|^\s|\s$/u;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const sound = <T>(value: unknown): Sound<T> => ({ kind: 'sound', value: value as T });
const nonsense = (why: string): Sound<never> => ({ kind: 'nonsense', why });
const judged = <T>(value: unknown, why: string | undefined): Sound<T> => (why === undefined ? sound(value) : nonsense(why));

/** Plugins may be plain JavaScript: what they answer is checked before anybody relies on it. */
export const soundVerdict = (value: unknown): Sound<Verdict> => {
  if (!isFields(value)) return nonsense('the verdict is no object');
  switch (value['kind']) {
    case 'rejected':
      return judged(value, ownerFault(value['user']));
    case 'unknown-user':
    case 'unsupported':
    case 'deferred':
      return sound(value);
    case 'accepted':
      return judged(value, accountFault(value['account']));
    case 'refused':
      return judged(value, refusedFault(value) ?? refusalFault(value));
    case 'limited':
      return judged(value, isOptionalDelay(value['retryAfterMs']) ? undefined : 'retryAfterMs is no number of milliseconds');
    default:
      return nonsense('the verdict has no known kind');
  }
};

export const soundLookup = (value: unknown): Sound<Lookup> => {
  if (!isFields(value)) return nonsense('the lookup is no object');
  switch (value['kind']) {
    case 'unknown-user':
    case 'deferred':
      return sound(value);
    case 'found':
      return judged(value, accountFault(value['account']));
    case 'refused':
      return judged(value, refusedFault(value));
    default:
      return nonsense('the lookup has no known kind');
  }
};

export const soundRouting = (value: unknown): Sound<Routing> => {
  if (!isFields(value)) return nonsense('the routing is no object');
  switch (value['kind']) {
    case 'homeless':
    case 'deferred':
      return sound(value);
    case 'placed':
      return judged(value, backendsFault(value['backends']));
    default:
      return nonsense('the routing has no known kind');
  }
};

export const soundEnrolled = (value: unknown): Sound<Enrolled> => {
  const kind = isFields(value) ? value['kind'] : undefined;
  return judged(
    value,
    ['enrolled', 'conflict', 'deferred'].includes(kind as string) ? undefined : 'the store gave no known answer to a write',
  );
};

export const soundKept = (value: unknown): Sound<Kept> => {
  if (!isFields(value)) return nonsense('what is kept is no object');
  switch (value['kind']) {
    case 'nothing':
    case 'deferred':
      return sound(value);
    case 'kept':
      return judged(value, typeof value['hash'] === 'string' && value['hash'] !== '' ? undefined : 'what is kept is no hash');
    default:
      return nonsense('what is kept has no known kind');
  }
};

const refusedFault = (value: Fields): string | undefined => (refusedWhys.has(value['why']) ? undefined : 'refused for no known reason');

const refusalFault = (value: Fields): string | undefined => {
  if (typeof value['proofHeld'] !== 'boolean') return 'refused without proofHeld';
  if (value['afterOutage'] !== undefined && typeof value['afterOutage'] !== 'boolean') return 'afterOutage is neither true nor false';
  return isOptionalText(value['rule']) ? undefined : 'the rule of a refusal is no text';
};

/** Tries are counted for whoever is named: one name for all, such as an empty one, would lock out all. */
const ownerFault = (user: unknown): string | undefined => {
  if (user === undefined) return undefined;
  if (typeof user !== 'string' || user === '') return 'the user of a rejected login is no name';
  return Buffer.byteLength(user) > maxUserBytes ? `the user of a rejected login is longer than ${maxUserBytes} bytes` : undefined;
};

const isOptionalDelay = (value: unknown): boolean => value === undefined || (typeof value === 'number' && value >= 0);

const accountFault = (account: unknown): string | undefined => {
  if (!isFields(account)) return 'accepted without an account';
  const { user, attributes, secret, backend } = account as { readonly [field in keyof Account]: unknown };
  if (typeof user !== 'string' || user === '') return 'the account has no user';
  if (headerUnsafe.test(user) || Buffer.byteLength(user) > maxUserBytes) return "the account's user cannot stand in a header";
  if (!isFields(attributes)) return 'the account has no attributes';
  for (const value of Object.values(attributes)) if (typeof value !== 'string') return 'an attribute of the account is no text';
  if (!isOptionalText(secret)) return "the account's secret is no text";
  return backend === undefined ? undefined : backendLoginFault(backend);
};

const backendLoginFault = (backend: unknown): string | undefined => {
  if (!isFields(backend)) return "the account's backend login is no object";
  return isOptionalText(backend['user']) && isOptionalText(backend['password']) ? undefined : "the account's backend login is no text";
};

const isOptionalText = (value: unknown): boolean => value === undefined || typeof value === 'string';

const backendsFault = (backends: unknown): string | undefined => {
  if (!Array.isArray(backends) || backends.length === 0) return 'placed without a backend';
  for (const ref of backends as readonly unknown[]) if (!isBackendRef(ref)) return 'a backend is neither named nor a host';
  return undefined;
};

const isBackendRef = (value: unknown): value is BackendRef => {
  if (!isFields(value)) return false;
  if (value['kind'] === 'named') return typeof value['name'] === 'string' && value['name'] !== '';
  return value['kind'] === 'direct' && typeof value['host'] === 'string' && isHostText(value['host']) && isOptionalPort(value['port']);
};

const isOptionalPort = (value: unknown): boolean =>
  value === undefined || (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65_535);
