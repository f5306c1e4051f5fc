export type { PasswordCheck, Unusable } from './check.js';
export { verifyDigest } from './digest.js';
export { PasswordsBusy } from './gate.js';
export { hashPassword, hashSchemes, type HashScheme } from './hash.js';
export { needsRehash, type RehashPolicy } from './rehash.js';
export { isWeakScheme, knownSchemes } from './schemes/table.js';
export { UsualHash } from './usual-hash.js';
export {
  burn,
  checkDigest,
  checkPassword,
  clearText,
  examine,
  schemeOf,
  verifyPassword,
  type Examined,
  type SchemeRules,
} from './verify.js';
