/** Everybody's password holds this word (and so does every wrong one), so that a log can be searched for it. */
export const canary = 'canary';

/** Every character that something on the way could mangle: percent, plus, quotes, backslash, blank, non-ASCII. */
export const awkwardPassword = 'p%C3 +&"\\ü';

export interface Person {
  readonly user: string;
  readonly password: string;
}

/** Routed to mail-a. */
export const ann: Person = { user: 'ann@a.example.org', password: 'canary-ann' };
/** Routed to mail-b. */
export const bob: Person = { user: 'bob@b.example.org', password: 'canary-bob' };
/** Routed to mail-b, with the awkward password. */
export const ursula: Person = { user: 'ursula@b.example.org', password: awkwardPassword };
/** Has a password that does not fit into the 1024 bytes of a reply to nginx. */
export const lena: Person = { user: 'lena@a.example.org', password: `canary-${'long'.repeat(240)}` };
/** Kept as hashes, in a store of their own: see `hashedStore`. */
export const arno: Person = { user: 'arno@b.example.org', password: 'canary-arno' };
export const bela: Person = { user: 'bela@a.example.org', password: 'canary-bela' };
/** Exists, and is disabled. */
export const dora: Person = { user: 'dora@a.example.org', password: 'canary-dora' };
/** Exists nowhere. */
export const nobody: Person = { user: 'nobody@a.example.org', password: 'canary-nobody' };

export const everybody: readonly Person[] = [ann, bob, ursula, lena, arno, bela, dora];

export const wrong = (person: Person): Person => ({ ...person, password: 'canary-wrong' });

/** The shared key between nginx and the gateway. */
export const sharedKey = 'canary-shared-key';

export const masterUser = { name: 'proxy', password: 'canary-master' };
