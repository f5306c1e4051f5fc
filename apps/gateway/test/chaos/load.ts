import type { Answer, Experience, Login, Way } from './login.js';
import type { Passwords } from './passwords.js';
import { customers, disabled, everybody, movers, nobody, partners, staff, type Person } from './people.js';
import type { Random } from './random.js';

export interface LoadParts {
  readonly passwords: Passwords;
  readonly random: Random;
  /** Never rejects. */
  readonly ask: (login: Login) => Promise<Answer>;
  readonly note: (experience: Experience) => void;
}

/** Logins per second. */
export type Rates = Readonly<Record<Way, number>>;

const stepMs = 20;
const wrongPasswords = 5;

/** Right and wrong logins at a steady pace, whether answers come or not. */
export class Load {
  readonly #parts: LoadParts;
  readonly #asking = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: LoadParts) {
    this.#parts = parts;
  }

  begin(rates: Rates): void {
    const began = performance.now();
    const sent = { door: 0, nginx: 0 };
    this.#timer = setInterval(() => {
      const seconds = (performance.now() - began) / 1000;
      for (const way of ['door', 'nginx'] as const) for (; sent[way] < rates[way] * seconds; sent[way]++) void this.try(this.#choose(way));
    }, stepMs);
  }

  /** No new ones; resolves when all that were asked have been answered. */
  async pause(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#asking);
  }

  /** One more, judged like all others. */
  try(login: Login): Promise<Answer> {
    const from = performance.now();
    const answer = this.#parts.ask(login);
    const noted = answer.then((heard) => this.#parts.note({ login, answer: heard, from, to: performance.now() }));
    this.#asking.add(noted);
    void noted.finally(() => this.#asking.delete(noted));
    return answer;
  }

  #choose(way: Way): Login {
    const { random, passwords } = this.#parts;
    const person = this.#person(way);
    const wrong = person.enabled && random.next() < 0.35;
    // Who has just changed it is asked with the old one by the other devices.
    const old = wrong && random.next() < 0.5 ? passwords.previous(person) : undefined;
    return {
      person,
      password: old ?? (wrong ? `canary-wrong-${random.below(wrongPasswords)}` : passwords.current(person)),
      way,
      protocol: way === 'door' && random.next() < 0.3 ? 'pop3' : 'imap',
      clientIp: `192.0.2.${1 + random.below(20)}`,
    };
  }

  #person(way: Way): Person {
    const { random } = this.#parts;
    const dice = random.next();
    if (dice < 0.05) return disabled;
    if (dice < 0.1) return nobody;
    if (dice < 0.2 && way === 'door') return random.pick(movers);
    return dice < 0.3 ? random.pick(everybody) : random.pick(random.pick([staff, customers, partners]));
  }
}
