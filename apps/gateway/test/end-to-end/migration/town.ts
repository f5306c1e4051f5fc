import { createHash, randomBytes } from 'node:crypto';
import { slapdSuffix } from '@postern/testkit';

/** Somebody who has mail. What is true of them changes while they log in. */
export class Resident {
  readonly user: string;
  readonly home: 'mail-a' | 'mail-b';
  /** In clear text, the present one last. */
  readonly #passwords: string[];
  #disabled = false;
  /** While a change is on its way, the directory may say either. */
  #unsettled = 0;
  /** Counts changes, so that an answer can tell whether one happened meanwhile. */
  #changes = 0;

  constructor(user: string, home: 'mail-a' | 'mail-b') {
    this.user = user;
    this.home = home;
    this.#passwords = [`canary-${user}`];
  }

  get password(): string {
    return this.#passwords.at(-1) ?? '';
  }

  get formerPassword(): string | undefined {
    return this.#passwords.at(-2);
  }

  get disabled(): boolean {
    return this.#disabled;
  }

  /** Equal before and after an answer: nothing changed meanwhile. */
  get version(): string {
    return this.#unsettled > 0 ? `${this.#changes} and changing since ${performance.now()}` : String(this.#changes);
  }

  async change(what: { readonly password: string } | { readonly disabled: true }, make: () => Promise<unknown>): Promise<void> {
    this.#unsettled += 1;
    await make();
    if ('password' in what) this.#passwords.push(what.password);
    else this.#disabled = true;
    this.#changes += 1;
    this.#unsettled -= 1;
  }
}

export const peopleBase = `ou=people,${slapdSuffix}`;
export const reader = { dn: `cn=reader,${slapdSuffix}`, password: 'canary-reader' };

/** Half of them at a.example.org, half at b.example.org. */
export const residents = (count: number): readonly Resident[] =>
  Array.from({ length: count }, (_, index) => {
    const side = index % 2 === 0 ? 'a' : 'b';
    return new Resident(`user${String(index).padStart(3, '0')}@${side}.example.org`, `mail-${side}`);
  });

export const dnOf = ({ user }: Resident): string => `mail=${user},${peopleBase}`;

export const ssha = (password: string): string => {
  const salt = randomBytes(8);
  return `{SSHA}${Buffer.concat([createHash('sha1').update(password).update(salt).digest(), salt]).toString('base64')}`;
};

const entry = (person: Resident): string =>
  [
    `dn: ${dnOf(person)}`,
    'objectClass: inetOrgPerson\nobjectClass: extensibleObject',
    `cn: ${person.user}\nsn: ${person.user}\nmail: ${person.user}\nmailHost: ${person.home}`,
    `userPassword: ${ssha(person.password)}\n\n`,
  ].join('\n');

const policy = `cn=policy,${slapdSuffix}`;

/** The directory as it was for years; the overlay notes when passwords change. */
export const directory = (town: readonly Resident[]) => ({
  policy,
  ldif: [
    `dn: ${peopleBase}\nobjectClass: organizationalUnit\nou: people\n\n`,
    `dn: ${reader.dn}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: reader\nuserPassword: ${ssha(reader.password)}\n\n`,
    `dn: ${policy}\nobjectClass: device\nobjectClass: pwdPolicy\ncn: policy\npwdAttribute: userPassword\npwdLockout: TRUE\npwdMaxFailure: 1000\n\n`,
    ...town.map(entry),
  ].join(''),
});

/** The new database: everybody has a row and nobody a password yet. */
export const table = (town: readonly Resident[]): string =>
  [
    'create table mailbox (email text primary key, password text, host text not null, active boolean not null default true);',
    `insert into mailbox (email, host) values ${town.map(({ user, home }) => `('${user}', '${home}')`).join(', ')};`,
  ].join('\n');
