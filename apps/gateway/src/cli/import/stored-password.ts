import { clearText, examine, knownSchemes, isWeakScheme, schemeOf } from '@postern/passwords';

/** A stored password as the import sees it. */
export type StoredPassword =
  | {
      readonly kind: 'usable';
      /** Dovecot's name of it, without braces. */
      readonly scheme: string;
      /** A store takes it only where its `allowWeak` names the scheme. */
      readonly weak: boolean;
      /** With its scheme prefix. Of clear text only for telling it apart: it is hashed before anybody keeps it. */
      readonly hash: string;
      /** The password itself, where that is what is stored. */
      readonly clear?: string;
    }
  /** There is none, or one that no password fits: `!`, `*`. */
  | { readonly kind: 'none' }
  /** `why` holds nothing of what is stored. */
  | { readonly kind: 'unusable'; readonly why: string };

const weakSchemes = knownSchemes.filter((name) => isWeakScheme(name) === true);

/** `defaultScheme`: of texts that name none, as Dovecot's `default_pass_scheme`. */
export const readStoredPassword = (stored: string, defaultScheme: string): StoredPassword => {
  if (stored === '') return { kind: 'none' };
  const rules = { defaultScheme, allowWeak: weakSchemes };
  const { scheme, weak, problem } = examine(stored, rules);
  if (scheme === 'LOCKED') return { kind: 'none' };
  if (scheme === undefined || problem !== undefined) return { kind: 'unusable', why: problem ?? 'it is of no known scheme' };
  if (scheme !== 'PLAIN') return { kind: 'usable', scheme, weak, hash: withPrefix(stored, defaultScheme) };
  const clear = clearText(stored, rules);
  if (clear === undefined) return { kind: 'unusable', why: 'the clear text is empty or not UTF-8' };
  return { kind: 'usable', scheme, weak, hash: withPrefix(stored, defaultScheme), clear };
};

/** A text that begins as crypt(3)'s do (`$6$…`) is of that scheme whatever the default is. */
const withPrefix = (stored: string, defaultScheme: string): string => {
  if (/^\{[^}]+\}/.test(stored)) return stored;
  return `{${schemeOf(stored, '') === undefined ? defaultScheme : 'CRYPT'}}${stored}`;
};
