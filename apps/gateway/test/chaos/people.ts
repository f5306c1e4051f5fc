/** Where somebody's password is kept. */
export type Keeper = 'slapd' | 'postgres' | 'mail-a';
export type Home = 'mail-a' | 'mail-b';

export interface Person {
  readonly user: string;
  readonly password: string;
  readonly keeper: Keeper;
  /** Absent where the router `hash` decides: it is learned from the first login and must never change. */
  readonly home?: Home;
  /** The Redis says where the mailbox is. */
  readonly redis?: true;
  readonly enabled: boolean;
}

const person = (user: string, rest: Omit<Person, 'user' | 'password' | 'enabled'>): Person => ({
  ...{ user, password: `canary-${user.split('@')[0] ?? ''}`, enabled: true },
  ...rest,
});

const six = [0, 1, 2, 3, 4, 5];

/** In the directory; the router `hash` places them. */
export const staff: readonly Person[] = six.map((n) => person(`staff${n}@staff.example.org`, { keeper: 'slapd' }));

/** In the database, which also says where their mailboxes are. */
export const customers: readonly Person[] = six.map((n) =>
  person(`customer${n}@customers.example.org`, { keeper: 'postgres', home: n % 2 === 0 ? 'mail-a' : 'mail-b' }),
);

/** In the database, and not enabled: the right password lets them in just as little as a wrong one. */
export const disabled: Person = {
  ...person('gone@customers.example.org', { keeper: 'postgres', home: 'mail-a' }),
  enabled: false,
};

/** In the database, and they change their passwords. They ask at the door only: the mail servers would not know. */
export const movers: readonly Person[] = [0, 1].map((n) =>
  person(`mover${n}@customers.example.org`, { keeper: 'postgres', home: 'mail-a' }),
);

/** Their passwords are known to one mail server alone, and their mailboxes' places to Redis. */
export const partners: readonly Person[] = six.map((n) =>
  person(`partner${n}@partners.example.org`, { keeper: 'mail-a', home: n % 2 === 0 ? 'mail-a' : 'mail-b', redis: true }),
);

/** Exists nowhere. */
export const nobody: Person = { ...person('nobody@staff.example.org', { keeper: 'slapd' }), enabled: false };

export const everybody: readonly Person[] = [...staff, ...customers, ...partners];

/** The shared key between nginx and the gateway. */
export const sharedKey = 'canary-shared-key';

/** Passwords and keys hold this word, so that a log can be searched for it. */
export const canary = 'canary';
