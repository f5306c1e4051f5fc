import { bind, type ConfigPath, type Secret } from '@postern/contract';
import { isMapping, own } from './reading/value-at.js';

export const redacted = '[secret]';

export interface FoundSecret {
  readonly path: ConfigPath;
  readonly secret: Secret;
}

/** By shape, not by class: a plugin may bring its own copy of the contract. */
const isSecret = (value: object): value is Secret =>
  bind in value && 'reveal' in value && typeof value.reveal === 'function' && 'literal' in value;

/** Every `Secret` within a parsed config, maps and sets included. */
export const secretsIn = (config: unknown, path: ConfigPath = [], seen = new Set<object>()): readonly FoundSecret[] => {
  if (typeof config !== 'object' || config === null || seen.has(config)) return [];
  if (isSecret(config)) return [{ path, secret: config }];
  seen.add(config);
  return entriesOf(config).flatMap(([key, value]) => secretsIn(value, [...path, key], seen));
};

const entriesOf = (value: object): readonly (readonly [string | number, unknown])[] => {
  if (Array.isArray(value) || value instanceof Set) return [...(value as Iterable<unknown>)].map((item, index) => [index, item]);
  if (value instanceof Map) return [...(value as Map<unknown, unknown>)].map(([key, item]) => [String(key), item]);
  return ArrayBuffer.isView(value) ? [] : Object.entries(value);
};

/** The values of secrets that are known: those that stand in the config, and those that were bound. */
export const secretValues = (config: unknown): readonly string[] =>
  secretsIn(config).flatMap(({ secret }) => {
    try {
      return [secret.reveal()];
    } catch {
      return []; // not bound: there is nothing to give away
    }
  });

/** Names under which people keep secrets. `key` is not among them: a template or a column may be called so. */
const secretName = /pass(?:word|phrase|wd)?$|secret|token|credential|api_?key|private_?key/i;
/** The password of a URL. */
const inUrl = /(?<=^[a-z][a-z0-9+.-]*:\/\/[^/?#@:]*:)[^/?#]+(?=@)/i;
/** A stored password: Dovecot's `{SCHEME}…` or crypt's `$id$…`. */
const stored = /^(?:\{[A-Z0-9.-]+\}.|\$[a-z0-9-]+\$)/;

export const looksStored = (text: string): boolean => stored.test(text);

/**
 * Texts in a config, as it was written, that look like secrets, whether or not anybody reads them: what stands under a secret's
 * name, stored passwords, passwords in URLs. A config that is wrong must not give them away either.
 */
export const secretTexts = (data: unknown, name = ''): readonly string[] => {
  if (typeof data === 'string') return textSecrets(data, name);
  if (typeof data === 'number' && secretName.test(name)) return [String(data)];
  if (Array.isArray(data)) return data.flatMap((item) => secretTexts(item, name));
  if (!isMapping(data)) return [];
  const reference = isReference(data);
  return Object.entries(data).flatMap(([key, value]) => {
    if (reference) return [];
    if (key === 'nginx') return [...literalKeys(own(value, 'key')), ...secretTexts(value, key)];
    return secretTexts(value, key);
  });
};

const isReference = (data: Readonly<Record<string, unknown>>): boolean => {
  const keys = Object.keys(data);
  return keys.length === 1 && (keys[0] === 'env' || keys[0] === 'file');
};

const textSecrets = (text: string, name: string): readonly string[] => {
  if (secretName.test(name) || looksStored(text)) return [text];
  const [password] = inUrl.exec(text) ?? [];
  return password === undefined ? [] : [password];
};

const literalKeys = (key: unknown): readonly string[] =>
  (Array.isArray(key) ? (key as unknown[]) : [key]).flatMap((one) => (typeof one === 'string' ? [one] : []));

/** Shorter ones are replaced only where they stand alone or in quotes: they occur in ordinary words. */
const shortLength = 5;

/** So many are looked for anywhere in a text; a plugin's inline users may be many more, and those are looked for as whole words. */
const soughtAnywhere = 1000;
const word = /[^\s"'`,;]+/g;

/** Takes known secrets out of texts. The first ones given are looked for most thoroughly. */
export const scrubber = (secrets: Iterable<string>): ((text: string) => string) => {
  const known = new Set([...secrets].filter((secret) => secret !== ''));
  const sought = [...known].slice(0, soughtAnywhere).sort((one, other) => other.length - one.length);
  return (text) => {
    if (known.has(text)) return redacted;
    let clean = text;
    for (const secret of sought) clean = scrubOne(clean, secret);
    return known.size > soughtAnywhere
      ? clean.replace(word, (one) => (one.length >= shortLength && known.has(one) ? redacted : one))
      : clean;
  };
};

const scrubOne = (text: string, secret: string): string => {
  if (secret.length >= shortLength) return text.replaceAll(secret, redacted);
  return text.replaceAll(`"${secret}"`, `"${redacted}"`).replaceAll(`'${secret}'`, `'${redacted}'`);
};
