import { asciiDomain } from '@postern/contract';

/** The config's `identity`, as far as names go. */
export interface IdentityRules {
  /** Appended to a login without `@`. */
  readonly defaultDomain?: string | undefined;
  /** Whether the local part is lower-cased. The domain always is. Default true. */
  readonly lowercase?: boolean | undefined;
  /** Domain to the domain it stands for. */
  readonly domainAliases?: Readonly<Record<string, string>> | undefined;
  /** The text from which on a local part is a tag: `+` makes `bob+news` into `bob`. */
  readonly stripTag?: string | undefined;
}

export type CanonicalUser = { readonly kind: 'user'; readonly user: string } | { readonly kind: 'malformed'; readonly why: string };

const maxBytes = 512;
const plain = /^[a-z0-9][a-z0-9._-]*(?:@[a-z0-9][a-z0-9.-]*)?$/;
const malformed = (why: string): CanonicalUser => ({ kind: 'malformed', why });

/** Format characters, line separators, lone surrogates and controls: invisible, so two logins would look like one. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const edgeSpace = /^\s|\s$/;

/**
 * Makes of every way to type a login the one name that everything else counts, caches and routes by (rules 18 to 21).
 *
 * Compatibility characters (full-width letters, ligatures) are refused in the local part, as RFC 8264 §9.17 does: a directory that
 * folds them would let one account in under many names, each with its own throttle counter and its own backend.
 */
export class Identity {
  readonly #rules: IdentityRules;
  readonly #defaultDomain: string | undefined;
  readonly #aliases: ReadonlyMap<string, string>;

  /** Throws an `Error` when a domain in the rules is none, or when aliases go round in a circle. */
  constructor(rules: IdentityRules) {
    this.#rules = rules;
    this.#defaultDomain = rules.defaultDomain === undefined ? undefined : checkedDomain(rules.defaultDomain);
    this.#aliases = resolveAliases(rules.domainAliases ?? {});
  }

  /** `canonical` of a canonical user is that user. The `why` of a malformed one names no part of it. */
  canonical(raw: string): CanonicalUser {
    if (raw.length > maxBytes || Buffer.byteLength(raw) > maxBytes) return malformed('longer than 512 bytes');
    const text = plain.test(raw) ? raw : raw.normalize('NFC');
    if (invisible.test(text)) return malformed('control or invisible characters');
    if (edgeSpace.test(text)) return malformed('white space at an end');
    const at = text.lastIndexOf('@');
    const local = this.#local(at < 0 ? text : text.slice(0, at));
    if (typeof local !== 'string') return local;
    const domain = at < 0 ? this.#defaultDomain : asciiDomain(text.slice(at + 1));
    if (domain === undefined) return at < 0 ? checkedLength(local) : malformed('no domain after the @');
    return checkedLength(`${local}@${this.#aliases.get(domain) ?? domain}`);
  }

  #local(typed: string): string | CanonicalUser {
    if (typed === '') return malformed('nothing before the @');
    if (plain.test(typed)) return this.#withoutTag(typed);
    const folded = this.#rules.lowercase === false ? typed : typed.toLowerCase().normalize('NFC');
    if (folded.normalize('NFKC') !== folded) return malformed('compatibility characters');
    const local = this.#withoutTag(folded);
    return edgeSpace.test(local) ? malformed('white space at an end') : local;
  }

  #withoutTag(local: string): string {
    const { stripTag } = this.#rules;
    if (stripTag === undefined || stripTag === '') return local;
    const start = local.indexOf(stripTag);
    return start > 0 ? local.slice(0, start) : local;
  }
}

/** A default domain may make a login too long. */
const checkedLength = (user: string): CanonicalUser =>
  Buffer.byteLength(user) > maxBytes ? malformed('longer than 512 bytes') : { kind: 'user', user };

const checkedDomain = (text: string): string => {
  const domain = asciiDomain(text);
  if (domain === undefined) throw new Error(`"${text}" is no domain`);
  return domain;
};

const resolveAliases = (aliases: Readonly<Record<string, string>>): ReadonlyMap<string, string> => {
  const direct = new Map(Object.entries(aliases).map(([from, to]) => [checkedDomain(from), checkedDomain(to)]));
  const resolved = new Map<string, string>();
  for (const from of direct.keys()) resolved.set(from, endOf(from, direct));
  return resolved;
};

const endOf = (from: string, direct: ReadonlyMap<string, string>): string => {
  const seen = [from];
  let domain = from;
  for (let next = direct.get(domain); next !== undefined; next = direct.get(domain)) {
    if (seen.includes(next)) throw new Error(`domain aliases go round in a circle: ${[...seen, next].join(' → ')}`);
    seen.push(next);
    domain = next;
  }
  return domain;
};
