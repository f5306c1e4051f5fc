/** The values of one attribute in the file's own order. Names are lower case. */
export type LdifValues = ReadonlyMap<string, readonly string[]>;

/** A line of an LDIF record once it is unfolded. */
export type LdifLine =
  | { readonly kind: 'value'; readonly name: string; readonly value: string }
  /** An attribute that nobody asked for. */
  | { readonly kind: 'skipped' }
  | { readonly kind: 'broken'; readonly reason: string };

const attribute = /^([a-z][a-z0-9-]*|\d+(?:\.\d+)*)((?:;[a-z0-9-]+)*)$/i;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const strict = new TextDecoder('utf-8', { fatal: true });
const control = /\p{Cc}/u;

/** Reads `name: value`, `name:: base64` and `name:< url` of RFC 2849; `wanted`: lower-case names whose values are to be kept. */
export const readLdifLine = (text: string, wanted: ReadonlySet<string>): LdifLine => {
  const colon = text.indexOf(':');
  const [, name = '', options = ''] = attribute.exec(colon < 0 ? text : text.slice(0, colon)) ?? [];
  if (colon < 0 || name === '') return { kind: 'broken', reason: 'it is no `name: value`' };
  const key = name.toLowerCase();
  // `userPassword;lang-de` is another attribute than `userPassword`.
  if (!wanted.has(key) || options !== '') return { kind: 'skipped' };
  const rest = text.slice(colon + 1);
  if (rest.startsWith('<')) return { kind: 'broken', reason: `the value of ${key} is a URL, which is not followed` };
  if (!rest.startsWith(':')) return { kind: 'value', name: key, value: rest.replace(/^ +/, '') };
  return decoded(key, rest.slice(1).replace(/^ +/, ''));
};

const decoded = (name: string, text: string): LdifLine => {
  if (!base64.test(text)) return { kind: 'broken', reason: `the value of ${name} is not base64` };
  try {
    const value = strict.decode(Buffer.from(text, 'base64'));
    return control.test(value)
      ? { kind: 'broken', reason: `the value of ${name} holds control characters` }
      : { kind: 'value', name, value };
  } catch {
    return { kind: 'broken', reason: `the value of ${name} is not UTF-8` };
  }
};
