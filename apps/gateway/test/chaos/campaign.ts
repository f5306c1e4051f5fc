import { setTimeout as pause } from 'node:timers/promises';
import { Ledger } from './ledger.js';
import { Load, type Rates } from './load.js';
import type { Login, Way } from './login.js';
import { Model } from './model.js';
import { Outages } from './outages.js';
import { Passwords } from './passwords.js';
import { customers, movers, partners, staff, type Person } from './people.js';
import { Random } from './random.js';
import { scheduleOf, type Round } from './schedule.js';
import { deadlineMs } from './site-config.js';
import { Site } from './site.js';
import type { Victim, VictimName } from './victim.js';
import { mistakesIn, mostAfter, secretsIn, settled, vitalsOf, type Vitals } from './vitals.js';

export interface CampaignPlan {
  readonly seed: number;
  readonly rounds: number;
  /** Empty: all. */
  readonly only: readonly string[];
  readonly rates: Rates;
  /** The longest time for which something is broken, in milliseconds. */
  readonly holdMs: number;
  /** What a busy machine may add to the gateway's deadline, in milliseconds. */
  readonly slackMs: number;
  /** How long a recovery may take before it counts as none, in milliseconds. */
  readonly recoverMs: number;
  readonly workers: number;
  readonly say: (text: string) => void;
}

/** Milliseconds from the last server's return. */
export interface Recovery {
  /** Until everybody was let in. */
  readonly loginsMs: number;
  /** Until the gateway called itself ready, too. */
  readonly readyMs: number;
}

/** One round that was played. */
export interface Played extends Recovery {
  readonly round: Round;
}

export interface CampaignResult {
  readonly seed: number;
  readonly ledger: Ledger;
  readonly played: readonly Played[];
  readonly vitals: { readonly before: Vitals; readonly after: Vitals };
}

const restMs = 15_000;
/** For how long an old password may live where the store tells of changes; a busy machine gets more. */
const graceMs = 1000;

/** Breaks and mends servers under load, round by round, and judges all that is heard meanwhile. */
export class Campaign {
  readonly #plan: CampaignPlan;
  readonly #site: Site;
  readonly #outages = new Outages();
  readonly #passwords: Passwords;
  readonly #ledger: Ledger;
  readonly #load: Load;
  #probes = 0;
  #moves = 0;
  #ended = false;

  private constructor(plan: CampaignPlan, site: Site) {
    this.#plan = plan;
    this.#site = site;
    const longestMs = deadlineMs + plan.slackMs;
    this.#passwords = new Passwords(graceMs + plan.slackMs);
    const passwords = this.#passwords;
    this.#ledger = new Ledger(new Model({ outages: this.#outages, passwords, longestMs }));
    this.#load = new Load({
      random: new Random(plan.seed + 1),
      passwords,
      // Longer than the longest, so that what is late is told from what never comes.
      ask: (login) => site.ask(login, longestMs + 2000),
      note: (experience) => this.#ledger.note(experience),
    });
  }

  /** Sets everything up, plays all rounds and stops everything. */
  static async run(plan: CampaignPlan): Promise<CampaignResult> {
    let accuse: (how: string) => void = () => undefined;
    const site = await Site.open({ workers: plan.workers, ended: (how) => accuse(how) });
    try {
      const campaign = new Campaign(plan, site);
      accuse = (how) => campaign.#end(how);
      return await campaign.#play();
    } finally {
      accuse = () => undefined;
      await site.close();
    }
  }

  async #play(): Promise<CampaignResult> {
    const { plan, victims } = { plan: this.#plan, victims: this.#victims() };
    await this.#recover(victims.map(({ name }) => name));
    const before = await this.#rest();
    const played: Played[] = [];
    const rounds = scheduleOf(victims, plan.rounds, plan.holdMs, new Random(plan.seed));
    this.#load.begin(plan.rates);
    for (const round of rounds) {
      played.push({ round, ...(await this.#round(round, victims)) });
      plan.say(this.#progress(played));
      // Nothing that comes after would tell anything.
      if (this.#ended) break;
    }
    await this.#load.pause();
    const after = this.#ended ? before : await this.#check(before);
    this.#scan();
    return { seed: plan.seed, ledger: this.#ledger, played, vitals: { before, after } };
  }

  #end(how: string): void {
    this.#ended = true;
    this.#ledger.accuse('gateway ended', how);
  }

  #victims(): readonly Victim[] {
    const { only } = this.#plan;
    const chosen = this.#site.victims.filter(({ name }) => only.length === 0 || only.includes(name));
    if (chosen.length === 0) throw new Error(`none of these is there: ${only.join(', ')}`);
    return chosen;
  }

  async #round({ faults, holdMs }: Round, victims: readonly Victim[]): Promise<Recovery> {
    const broken: Victim[] = [];
    for (const { victim: name, fault } of faults) {
      const victim = victims.find((each) => each.name === name);
      if (victim === undefined) continue;
      broken.push(victim);
      // A reload excuses nothing.
      if (fault !== 'reload') this.#outages.begin(name);
      await victim.break(fault);
    }
    await pause(holdMs / 2);
    // Whatever else is out: the old password dies, and the new one works.
    if (!broken.some(({ name }) => name === 'postgres')) await this.#move();
    await pause(holdMs / 2);
    for (const victim of broken) await victim.mend();
    return this.#recover(broken.map(({ name }) => name));
  }

  /** Everybody who does changes the password. */
  async #move(): Promise<void> {
    this.#moves += 1;
    for (const person of movers) {
      const password = `canary-moved-${this.#moves}`;
      const change = this.#passwords.begin(person, password);
      await this.#site.changePassword(person, password);
      change.end();
    }
  }

  /** Resolves when everybody is let in on every way and the gateway calls itself ready. */
  async #recover(names: readonly VictimName[]): Promise<Recovery> {
    const from = performance.now();
    const waiting = new Set(witnesses);
    const isOver = (): boolean => performance.now() - from > this.#plan.recoverMs;
    while (waiting.size > 0 && !isOver()) {
      await Promise.all([...waiting].map(async (witness) => (await this.#isIn(witness)) && waiting.delete(witness)));
      await pause(25);
    }
    const loginsMs = performance.now() - from;
    let unready = await this.#site.unready();
    while (unready !== undefined && !isOver()) {
      await pause(25);
      unready = await this.#site.unready();
    }
    const out = [...[...waiting].map(({ person, way }) => `${person.user} by ${way}`), ...(unready === undefined ? [] : [unready])];
    if (out.length > 0) this.#ledger.accuse('no recovery', `${names.join(', ')}: ${out.join(', ')}`);
    for (const name of names) this.#outages.end(name);
    return { loginsMs, readyMs: performance.now() - from };
  }

  /** From an address of its own, so that the cache does not answer. */
  async #isIn({ person, way }: Witness): Promise<boolean> {
    this.#probes += 1;
    const clientIp = `198.18.${Math.floor(this.#probes / 250) % 250}.${1 + (this.#probes % 250)}`;
    const login: Login = { person, password: person.password, way, protocol: 'imap', clientIp };
    return (await this.#load.try(login)).kind === 'accepted';
  }

  /** What it holds when it has been at work and nobody asks. */
  async #rest(): Promise<Vitals> {
    this.#load.begin(this.#plan.rates);
    await pause(1500);
    await this.#load.pause();
    return vitalsOf(this.#site.gateway.pid);
  }

  async #check(before: Vitals): Promise<Vitals> {
    const most = mostAfter(before, this.#plan.workers);
    const after = await settled(this.#site.gateway.pid, most, restMs);
    if (after.handles > most.handles) this.#ledger.accuse('handles', `${before.handles} before, ${after.handles} after`);
    if (after.memory > most.memory) {
      this.#ledger.accuse('memory', `${before.memory.toFixed(0)} MB before, ${after.memory.toFixed(0)} MB after`);
    }
    return after;
  }

  #scan(): void {
    const log = this.#site.gateway.output();
    for (const line of mistakesIn(log)) this.#ledger.accuse('unhandled', line.slice(0, 400));
    for (const line of secretsIn(log)) this.#ledger.accuse('secret in the log', `${line.slice(0, 40)}…`);
  }

  #progress(played: readonly Played[]): string {
    const { round, loginsMs, readyMs } = played.at(-1) as Played;
    const what = round.faults.map(({ victim, fault }) => `${victim} ${fault}`).join(' + ');
    const { tried, violations } = this.#ledger;
    const back = `logins back after ${Math.round(loginsMs)} ms, ready after ${Math.round(readyMs)} ms`;
    return `round ${played.length}/${this.#plan.rounds}: ${what} for ${round.holdMs} ms; ${back}; ${tried} logins, ${violations.length} violations`;
  }
}

interface Witness {
  readonly person: Person;
  readonly way: Way;
}

/** One of each store, router and mail server. */
const witnesses: readonly Witness[] = [
  ...[...staff, ...customers.slice(0, 2), ...partners.slice(0, 2)].map((person) => ({ person, way: 'door' as const })),
  ...customers.slice(0, 2).map((person) => ({ person, way: 'nginx' as const })),
];
