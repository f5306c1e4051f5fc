import type { Fleet } from './fleet.js';
import { wrong, type Person } from './people.js';

/** `shim`: asked as nginx's mail module asks. `imap`: a mail program through nginx. */
export type Road = 'shim' | 'imap';
export type Sound = 'let in' | 'denied';

const stepMs = 20;
/** Every so many-th login has a wrong password. */
const everyWrong = 4;

const soundOf = (text: string): Sound | undefined => {
  if (text === 'OK' || text.startsWith('a OK')) return 'let in';
  return text.includes('[AUTHENTICATIONFAILED]') ? 'denied' : undefined;
};

/** Right and wrong logins at a steady pace, whether answers come or not; keeps every answer that is not the right one. */
export class SteadyLogins {
  readonly wrongs: string[] = [];
  readonly #fleet: Fleet;
  readonly #people: readonly Person[];
  readonly #asking = new Set<Promise<void>>();
  readonly #counts = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;

  constructor(fleet: Fleet, people: readonly Person[]) {
    this.#fleet = fleet;
    this.#people = people;
  }

  /** Logins per second. */
  begin(rates: Readonly<Record<Road, number>>): void {
    const began = performance.now();
    const sent = { shim: 0, imap: 0 };
    this.#timer = setInterval(() => {
      const seconds = (performance.now() - began) / 1000;
      for (const road of ['shim', 'imap'] as const) for (; sent[road] < rates[road] * seconds; sent[road]++) this.#try(road);
    }, stepMs);
  }

  /** No new ones; resolves when all that were asked have been answered. */
  async pause(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#asking);
  }

  readonly heard = (road: Road, sound: Sound): number => this.#counts.get(`${road} ${sound}`) ?? 0;

  #try(road: Road): void {
    this.#turn += 1;
    const person = this.#people[this.#turn % this.#people.length];
    if (person === undefined) return;
    const isRight = this.#turn % everyWrong !== 0;
    const said = this.#ask(road, isRight ? person : wrong(person)).catch(String);
    const noted = said.then((text) => this.#note(road, isRight ? 'let in' : 'denied', text));
    this.#asking.add(noted);
    void noted.finally(() => this.#asking.delete(noted));
  }

  #ask(road: Road, person: Person): Promise<string> {
    return road === 'shim' ? this.#fleet.status(person) : this.#fleet.imap(person);
  }

  #note(road: Road, expected: Sound, text: string): void {
    const sound = soundOf(text);
    if (sound !== expected) this.wrongs.push(`${road}: ${text} instead of ${expected}`);
    else this.#counts.set(`${road} ${sound}`, this.heard(road, sound) + 1);
  }
}
