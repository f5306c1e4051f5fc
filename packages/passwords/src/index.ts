export type { PasswordCheck, Unusable } from './check.js';
export { verifyDigest } from './digest.js';
export { PasswordsBusy } from './gate.js';
export { hashPassword, hashSchemes, type HashScheme } from './hash.js';
export { isWeakScheme, knownSchemes } from './schemes/table.js';
export { burn, checkPassword, clearText, examine, schemeOf, verifyPassword, type Examined, type SchemeRules } from './verify.js';
