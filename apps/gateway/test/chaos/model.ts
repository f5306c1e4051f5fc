import { isRight, type Experience } from './login.js';
import type { Outages } from './outages.js';
import type { Passwords, Truth } from './passwords.js';
import type { VictimName } from './victim.js';

/** What must never be seen. */
export const violationKinds = [
  'wrong accept',
  'wrong mailbox',
  'outage told as a wrong password',
  'limited without a limit',
  'no answer',
  'late',
  'no sense',
  'no recovery',
  'gateway ended',
  'unhandled',
  'secret in the log',
  'handles',
  'memory',
] as const;
export type ViolationKind = (typeof violationKinds)[number];

export interface Violation {
  readonly kind: ViolationKind;
  readonly text: string;
}

export interface Judgement {
  readonly violation?: Violation;
  /** A right password was put off although nothing it needs was out: no violation, but it is counted. */
  readonly idle?: true;
}

export interface ModelParts {
  readonly outages: Outages;
  readonly passwords: Passwords;
  /** The longest time for an answer, in milliseconds: the gateway's deadline and what a busy machine adds. */
  readonly longestMs: number;
}

/** Knows who may hear what, and when. */
export class Model {
  readonly #parts: ModelParts;
  readonly #homes = new Map<string, string>();

  constructor(parts: ModelParts) {
    this.#parts = parts;
  }

  judge(experience: Experience): Judgement {
    const { login, answer } = experience;
    const found = (kind: ViolationKind): Judgement => ({ violation: { kind, text: describe(experience) } });
    const truth = this.truth(experience);
    const late = (): Judgement => (this.#isLate(experience) ? found('late') : {});
    switch (answer.kind) {
      case 'accepted':
        if (truth === 'wrong') return found('wrong accept');
        return this.#isElsewhere(experience) ? found('wrong mailbox') : late();
      case 'refused':
        return truth === 'right' ? found('outage told as a wrong password') : late();
      case 'limited':
        return found('limited without a limit');
      case 'deferred':
        return truth === 'right' && !this.#isOut(experience, this.#needs(experience)) ? { ...late(), idle: true } : late();
      case 'error':
      case 'cut':
      case 'silent':
        return this.isCarried(experience) ? found('no answer') : {};
      case 'garbled':
        return this.isCarried(experience) || login.way === 'door' ? found('no sense') : {};
    }
  }

  /** What the password was when it was tried. */
  truth(experience: Experience): Truth {
    return this.#parts.passwords.truth(experience);
  }

  /** Whether all was there that brings the answer: the gateway, and through nginx what stands between it and the client. */
  isCarried(experience: Experience): boolean {
    return !this.#isOut(experience, this.#carriers(experience));
  }

  #isLate(experience: Experience): boolean {
    return experience.to - experience.from > this.#parts.longestMs && this.isCarried(experience);
  }

  /** Without them nobody can be told anything. Through nginx, a login lasts as long as the mail server takes, too. */
  #carriers({ login }: Experience): readonly VictimName[] {
    if (login.way === 'door') return ['gateway'];
    return ['gateway', 'nginx', ...(isRight(login) ? this.#homesOf(login.person.user, login.person.home) : [])];
  }

  /** Without them a right password cannot be let in. */
  #needs(experience: Experience): readonly VictimName[] {
    const { person } = experience.login;
    const { keeper, redis, home, user } = person;
    return [...this.#carriers(experience), keeper, ...this.#homesOf(user, home), ...(redis === true ? (['redis'] as const) : [])];
  }

  #homesOf(user: string, home: string | undefined): readonly VictimName[] {
    const known = home ?? this.#homes.get(user);
    return known === 'mail-a' || known === 'mail-b' ? [known] : ['mail-a', 'mail-b'];
  }

  #isElsewhere({ login: { person }, answer }: Experience): boolean {
    const { user, home } = person;
    const known = home ?? this.#homes.get(user) ?? answer.backend;
    if (known !== undefined) this.#homes.set(user, known);
    return answer.backend !== known || !['mail-a', 'mail-b'].includes(known ?? '') || answer.user !== user;
  }

  #isOut({ from, to }: Experience, victims: readonly VictimName[]): boolean {
    return this.#parts.outages.touch(victims, from, to);
  }
}

/** Without a password: the report may be shown to anybody. */
const describe = ({ login, answer, from, to }: Experience): string => {
  const what = isRight(login) ? 'right password' : login.person.enabled ? 'wrong password' : 'nobody to let in';
  const where = answer.backend === undefined ? '' : ` at ${answer.backend}`;
  return `${login.person.user}, ${what}, ${login.protocol} by ${login.way}: ${answer.kind}${where} after ${Math.round(to - from)} ms: ${answer.text}`;
};
