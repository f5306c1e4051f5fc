import { setTimeout as pause } from 'node:timers/promises';
import type { Resident } from './town.js';

export type Heard = 'in' | 'denied' | 'temporary' | 'other';

export interface Told {
  readonly heard: Heard;
  readonly text: string;
  /** Where the mail is, once it was looked for. */
  readonly place?: string | undefined;
}

/** One login by a mail program; never rejects. */
export type LogIn = (login: { readonly user: string; readonly password: string; readonly look: boolean }) => Promise<Told>;

export interface Tally {
  readonly right: number;
  readonly wrong: number;
  readonly temporary: number;
}

/** Mail programs of a whole town, each answer held against what is true of the one who asked. */
export class Crowd {
  /** What should never have been heard, in words. */
  readonly violations: string[] = [];
  readonly #town: readonly Resident[];
  readonly #logIn: LogIn;
  readonly #programs: number;
  #tally: Tally = { right: 0, wrong: 0, temporary: 0 };
  #patient = false;
  #over = false;
  #turn = 0;
  #running: Promise<void> | undefined;

  constructor(town: readonly Resident[], logIn: LogIn, programs: number) {
    this.#town = town;
    this.#logIn = logIn;
    this.#programs = programs;
  }

  get tally(): Tally {
    return this.#tally;
  }

  /** From here on everybody logs in again and again, about every fourth time with a wrong password. */
  start(): void {
    const program = async (): Promise<void> => {
      while (!this.#over) {
        const turn = this.#turn++;
        const person = this.#town[(turn * 7919) % this.#town.length];
        if (person !== undefined) await this.#one(person, turn);
        // A steady load and no storm: everybody is there again every ten seconds or so.
        await pause(80);
      }
    };
    this.#running = Promise.all(Array.from({ length: this.#programs }, program)).then(() => undefined);
  }

  async stop(): Promise<void> {
    this.#over = true;
    await this.#running;
  }

  /** Everybody of `some`, once, with the right password, until it is answered. */
  async visit(some: readonly Resident[]): Promise<void> {
    const left = [...some];
    const program = async (): Promise<void> => {
      for (let person = left.pop(); person !== undefined; person = left.pop()) await this.try(person, person.password, true);
    };
    await Promise.all(Array.from({ length: this.#programs }, program));
  }

  /** While `body` runs, an outage may be heard of; in no other words than temporary ones. */
  async duringOutage(body: () => Promise<void>): Promise<void> {
    this.#patient = true;
    await body();
    this.#patient = false;
  }

  /** One login; what was heard is judged. */
  async try(person: Resident, password: string, look = false): Promise<Told> {
    const patient = this.#patient;
    const [version, disabled, truth] = [person.version, person.disabled, person.password];
    const told = await this.#logIn({ user: person.user, password, look });
    const steady = version === person.version && patient === this.#patient;
    if (steady) this.#judge(person, password === truth && !disabled, told, patient);
    return told;
  }

  async #one(person: Resident, turn: number): Promise<void> {
    const former = turn % 2 === 0 ? person.formerPassword : undefined;
    // 101 has nothing in common with the size of a town: everybody is wrong now and then.
    const wrong = turn % 101 < 25;
    await this.try(person, wrong ? (former ?? `canary-wrong-${turn % 3}`) : person.password, turn % 16 === 0);
  }

  #judge({ user, home }: Resident, right: boolean, { heard, text, place }: Told, patient: boolean): void {
    const { right: rights, wrong, temporary } = this.#tally;
    this.#tally = {
      right: rights + (heard === 'in' ? 1 : 0),
      wrong: wrong + (heard === 'denied' ? 1 : 0),
      temporary: temporary + (heard === 'temporary' ? 1 : 0),
    };
    if (heard === 'temporary' && patient) return;
    if (heard !== (right ? 'in' : 'denied')) this.violations.push(`${user} was ${right ? 'right' : 'wrong'} and heard ${heard}: ${text}`);
    else if (place !== undefined && place !== home) this.violations.push(`${user} landed on ${place} and lives on ${home}`);
  }
}
