import { cidr, type LoginAttempt, Networks, type RefusedWhy } from '@postern/contract';
import { AttributeRef } from './attribute-ref.js';
import type { PermitConfig } from './config.js';
import { readMoment } from './moment.js';

/** What one rule says of a login. `unreadable`: the account's own text makes no sense, so nobody can tell. */
export type Finding =
  | { readonly kind: 'permitted' }
  | { readonly kind: 'forbidden'; readonly why: RefusedWhy; readonly rule: string }
  | { readonly kind: 'unreadable'; readonly what: string };

/** Asked with an attempt, the attributes of the account that a store accepted, and the time in milliseconds since 1970. */
export type Rule = (attempt: LoginAttempt, attributes: Readonly<Record<string, string>>, now: number) => Finding;

const permitted: Finding = { kind: 'permitted' };
type Allows<T> = (value: T, attempt: LoginAttempt, now: number) => boolean;

interface RuleParts<T> {
  /** The config's word for it. */
  readonly name: string;
  readonly why: RefusedWhy;
  readonly given: T | AttributeRef;
  /** Reads the attribute's text; undefined when it makes no sense. */
  readonly read: (text: string) => T | undefined;
  readonly allows: Allows<T>;
  readonly whenMissing: PermitConfig['whenMissing'];
}

const ruleOf = <T>({ name, why, given, read, allows, whenMissing }: RuleParts<T>): Rule => {
  const judge = (value: T, attempt: LoginAttempt, now: number, rule: string): Finding =>
    allows(value, attempt, now) ? permitted : { kind: 'forbidden', why, rule };
  if (!(given instanceof AttributeRef)) return (attempt, _, now) => judge(given, attempt, now, name);
  const rule = `${name}: attributes.${given.name}`;
  return (attempt, attributes, now) => {
    const text = Object.hasOwn(attributes, given.name) ? attributes[given.name] : undefined;
    if (text === undefined) return whenMissing === 'allow' ? permitted : { kind: 'forbidden', why, rule: `${rule} is missing` };
    const value = read(text.trim());
    return value === undefined ? { kind: 'unreadable', what: rule } : judge(value, attempt, now, rule);
  };
};

const words = (text: string): readonly string[] => text.split(/[\s,;]+/).filter((word) => word !== '');

/** Words that are no protocol of ours (`sieve`, `jmap`) are somebody else's. */
const readProtocols = (text: string): ReadonlySet<string> => new Set(words(text.toLowerCase()));

interface Places {
  readonly networks: Networks;
  readonly local: boolean;
}

/** Dovecot's `allow_nets`; `local` is a client without an address. */
const readPlaces = (text: string): Places | undefined => {
  const all = words(text);
  const cidrs = all.filter((word) => word !== 'local');
  if (cidrs.some((word) => !cidr().safeParse(word).success)) return undefined;
  return { networks: new Networks(cidrs), local: cidrs.length < all.length };
};

const yes: ReadonlySet<string> = new Set(['yes', 'true', '1', 'on', 'y', 't']);
const no: ReadonlySet<string> = new Set(['no', 'false', '0', 'off', 'n', 'f', '']);

const readSwitch = (text: string): boolean | undefined => {
  const word = text.toLowerCase();
  if (yes.has(word)) return true;
  return no.has(word) ? false : undefined;
};

/** A certificate exists only within TLS (rule 33). */
export const hasTls = ({ tls, proof }: LoginAttempt): boolean => tls !== undefined || proof.mechanism === 'external';

const spoken: Allows<ReadonlySet<string>> = (allowed, { protocol }) => allowed.has(protocol);
const there: Allows<Places> = ({ networks, local }, { client }) => networks.includes(client.ip) || (local && client.ip === 'unix:');
const inTime: Allows<number> = (end, _, now) => now <= end;
const encrypted: Allows<boolean> = (required, attempt) => !required || hasTls(attempt);

/** The config's rules in the order in which they are asked: what the client can mend itself comes first. */
export const rulesOf = (config: PermitConfig): readonly Rule[] => {
  const { protocols, networks, notAfter, requireTls, whenMissing } = config;
  const places = networks instanceof Networks ? { networks, local: false } : networks;
  return [
    ...(requireTls === undefined
      ? []
      : [ruleOf({ name: 'requireTls', why: 'tls-required', given: requireTls, read: readSwitch, allows: encrypted, whenMissing })]),
    ...(notAfter === undefined
      ? []
      : [ruleOf({ name: 'notAfter', why: 'expired', given: notAfter, read: readMoment, allows: inTime, whenMissing })]),
    ...(protocols === undefined
      ? []
      : [
          ruleOf<ReadonlySet<string>>({
            name: 'protocols',
            why: 'policy',
            given: protocols,
            read: readProtocols,
            allows: spoken,
            whenMissing,
          }),
        ]),
    ...(places === undefined
      ? []
      : [ruleOf({ name: 'networks', why: 'policy', given: places, read: readPlaces, allows: there, whenMissing })]),
  ];
};
