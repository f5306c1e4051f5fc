import { Strategy } from 'passport-local';

/** A shop's own check, as its web site has it. */
const passwords = new Map([
  ['ann@example.org', 'Right-password-of-Ann'],
  ...Array.from({ length: 200 }, (_, index) => [`user-${index}@example.org`, `Secret-${index}-of-many`]),
]);

const later = (run) => setTimeout(run, Math.floor(Math.random() * 5));

export const check = (username, password, done) => {
  later(() => done(null, passwords.get(username) === password ? { username, shop: 'north' } : false));
};

/** A function that makes the strategy: it is handed the config's `options`. */
export const strategy = (options) => new Strategy(options, check);
