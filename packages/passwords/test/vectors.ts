import { readFileSync } from 'node:fs';
import { knownSchemes, type SchemeRules } from '../src/index.js';

/** A hash that another program made; test/vectors/make.py says how. */
export interface Vector {
  readonly producer: string;
  readonly password: string;
  readonly stored: string;
}

const read = (name: string): readonly Vector[] =>
  JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), 'utf8')) as readonly Vector[];

/** `cross-checked`: made by the named program and verified by another one as well. `389-ds`: by the server's own `pwdhash`. */
export const vectors: readonly Vector[] = [...read('cross-checked'), ...read('made-elsewhere'), ...read('389-ds')];

/** Everything goes. */
export const permissive: SchemeRules = { defaultScheme: 'CRYPT', allowWeak: [...knownSchemes] };

export const strict: SchemeRules = { defaultScheme: 'CRYPT', allowWeak: [] };
