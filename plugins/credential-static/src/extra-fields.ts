import { type Attributes, cidr, Networks } from '@postern/contract';
import type { User } from './user.js';
import { userKey } from './user-key.js';

/** What the last field of a passwd-file line says. */
export interface ExtraFields {
  readonly attributes: Attributes;
  readonly enabled: boolean;
  readonly admits?: NonNullable<User['admits']>;
  /** Dovecot's `user`: whom this login really is. */
  readonly user?: string;
  readonly backend?: { readonly user?: string; readonly password?: string };
  /** Something that Dovecot would do and we do not; for a warning. */
  readonly remark?: string;
}

const none: ExtraFields = { attributes: {}, enabled: true };

type Draft = { -readonly [K in keyof ExtraFields]: ExtraFields[K] };
type Reading = (draft: Draft, value: string) => void;

/** Fields that mean something to us. All others become attributes, `userdb_…` included. */
const readings = new Map<string, Reading>([
  [
    'nologin',
    (draft, value) => {
      draft.enabled = value === 'no';
    },
  ],
  [
    'allow_nets',
    (draft, value) => {
      draft.admits = admits(value);
    },
  ],
  [
    'user',
    (draft, value) => {
      draft.user = userKey(value) ?? refuse('`user=` names no login');
    },
  ],
  [
    'destuser',
    (draft, value) => {
      draft.backend = { ...draft.backend, user: value };
    },
  ],
  [
    'pass',
    (draft, value) => {
      draft.backend = { ...draft.backend, password: value };
    },
  ],
  [
    'nopassword',
    (draft) => {
      draft.remark = '`nopassword` is not honoured: no password lets this user in';
    },
  ],
  ['password', () => refuse('`password=` stands among the extra fields; its place is the second field')],
]);

/** Reads `key=value key=value …`; throws an `Error` that says what is wrong, without the values. */
export const readExtraFields = (text: string): ExtraFields => {
  if (text === '') return none;
  const draft: Draft = { ...none };
  const attributes: [string, string][] = [];
  for (const piece of text.split(/[ \t]+/).filter((part) => part !== '')) {
    const equals = piece.indexOf('=');
    const key = equals < 0 ? piece : piece.slice(0, equals);
    const value = equals < 0 ? 'yes' : piece.slice(equals + 1);
    const reading = readings.get(key);
    if (reading === undefined) attributes.push([key, value]);
    else reading(draft, value);
  }
  return { ...draft, attributes: Object.fromEntries(attributes) };
};

/** Dovecot's list of networks with commas between; `local` is a client without an address. */
const admits = (value: string): ((ip: string) => boolean) => {
  const parts = value.split(',').filter((part) => part !== '');
  const cidrs = parts.filter((part) => part !== 'local');
  if (parts.length === 0 || cidrs.some((part) => !cidr().safeParse(part).success)) refuse('`allow_nets=` is no list of networks');
  const networks = new Networks(cidrs);
  const local = cidrs.length < parts.length;
  return (ip) => networks.includes(ip) || (local && ip === 'unix:');
};

const refuse = (message: string): never => {
  throw new Error(message);
};
