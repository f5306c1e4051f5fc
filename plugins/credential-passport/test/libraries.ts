import { createRequire } from 'node:module';

type Done = (error: unknown, user?: unknown, info?: unknown) => void;
type Verify = (user: string, password: string, done: Done) => unknown;

const require = createRequire(import.meta.url);

/** Strategies as npm has them; they come without types. */
export const { Strategy: LocalStrategy } = require('passport-local') as {
  readonly Strategy: new (options: object | Verify, verify?: Verify) => object;
};
export const { BasicStrategy } = require('passport-http') as { readonly BasicStrategy: new (verify: Verify) => object };
