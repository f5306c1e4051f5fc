import { randomUUID } from 'node:crypto';
import type { Clock, MemberRules } from '@postern/contract';
import { causeOf, isMisuse, isTimeout, isUnsent } from './cause.js';
import { clientsFor, type Client, type Clients } from './clients.js';
import { Ear } from './ear.js';
import type { RedisSettings } from './settings.js';

/** `deaf`: it answers, but what others publish is not heard. `why`: for the operator, without secrets. */
export type Reach =
  { readonly kind: 'reached' } | { readonly kind: 'deaf'; readonly why: string } | { readonly kind: 'lost'; readonly why: string };

export interface PlaceWatcher {
  /** Called after every change of the kind of reach. */
  changed(reach: Reach): void;
  heard(topic: string, message: string): void;
  /** Messages of others may have been missed. */
  missed(): void;
}

export interface RedisPlaceParts {
  readonly settings: RedisSettings;
  readonly clock: Pick<Clock, 'after'>;
  /** For tests. */
  readonly clients?: Clients;
}

/** Milliseconds between two looks: while all is well, and while it is not. */
const calmMs = 1000;
const alarmedMs = 250;
const usualPatienceMs = 2000;
/** Longer than anybody waits for the next look. */
const probeLifeMs = 60_000;

const nobody: PlaceWatcher = { changed: () => undefined, heard: () => undefined, missed: () => undefined };

/**
 * State in Redis: one server, Sentinel or Cluster. Every method rejects at once while Redis is known to be out of reach, and after the
 * time-out while it is not known yet. A look every second writes, publishes and hears: a replica that takes no writes, a full memory and a
 * connection that a firewall forgot are all found by doing what is wanted, not by asking whether it would work.
 */
export class RedisPlace {
  readonly #settings: RedisSettings;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #clients: Clients;
  readonly #ear: Ear;
  #watcher: PlaceWatcher = nobody;
  #reach: Reach = { kind: 'lost', why: 'not connected yet' };
  /** The last thing a connection complained of. */
  #trouble: string | undefined;
  /** Beside the key whose question failed: in a cluster only a part may be out. */
  #probed = '';
  #callOff: () => void = () => undefined;
  #looking = false;
  #closed = false;
  #firstLook: (() => void) | undefined;

  constructor({ settings, clock, clients = clientsFor(settings) }: RedisPlaceParts) {
    this.#settings = settings;
    this.#clock = clock;
    this.#clients = clients;
    this.#ear = new Ear({
      client: clients.hearing,
      prefix: settings.prefix,
      heard: (topic, message) => this.#watcher.heard(topic, message),
      missed: () => this.#watcher.missed(),
    });
    for (const client of new Set([clients.asking, clients.hearing])) {
      client.on('error', (error: unknown) => (this.#trouble = causeOf(error)));
      client.on('ready', () => void this.#look());
    }
    clients.asking.on('close', () => this.#become({ kind: 'lost', why: this.#trouble ?? 'the connection was closed' }));
  }

  /** The ioredis client (`Redis` or `Cluster`), for plugins that ask Redis themselves. It puts no prefix before keys. */
  get client(): Client {
    return this.#clients.asking;
  }

  get reach(): Reach {
    return this.#reach;
  }

  watch(watcher: PlaceWatcher): void {
    this.#watcher = watcher;
  }

  /** Resolves when Redis was reached, or after `patienceMs` without it. Goes on trying. */
  async open(): Promise<void> {
    const reached = new Promise<void>((resolve) => (this.#firstLook = resolve));
    for (const client of new Set([this.#clients.asking, this.#clients.hearing])) client.connect().catch(() => undefined);
    this.#plan(alarmedMs);
    const patience = new Promise<void>((resolve) => void this.#clock.after(this.#settings.patienceMs ?? usualPatienceMs, resolve));
    // The clock's timers keep no process alive.
    const awake = setInterval(() => undefined, 1000);
    await Promise.race([reached, patience]);
    clearInterval(awake);
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#callOff();
    for (const client of new Set([this.#clients.asking, this.#clients.hearing])) client.disconnect();
    return Promise.resolve();
  }

  async get(key: string): Promise<string | undefined> {
    const value = await this.#ask(key, (client, full) => client.get(full));
    return value ?? undefined;
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    await this.#ask(key, (client, full) => client.set(full, value, 'PX', Math.ceil(ttlMs)));
  }

  async increment(key: string, by: number, ttlMs: number): Promise<number> {
    return Number(await this.#ask(key, (client, full) => client.posternIncrement(full, by, Math.ceil(ttlMs))));
  }

  async delete(key: string): Promise<void> {
    await this.#ask(key, (client, full) => client.del(full));
  }

  note(key: string, member: string, { ttlMs, most }: MemberRules): Promise<number> {
    return this.#ask(key, (client, full) => client.posternNote(full, member, Math.ceil(ttlMs), most));
  }

  async forget(key: string, member: string): Promise<void> {
    await this.#ask(key, (client, full) => client.zrem(full, member));
  }

  /** All at once: they go out together, and in a cluster each to its own server. */
  count(keys: readonly string[]): Promise<readonly number[]> {
    return Promise.all(keys.map((key) => this.#ask(key, (client, full) => client.posternCount(full))));
  }

  async publish(topic: string, message: string): Promise<void> {
    await this.#ask('', (client) => client.publish(this.#ear.channel, this.#ear.envelope(topic, message)));
  }

  async #ask<T>(key: string, send: (client: Client, full: string) => Promise<T>): Promise<T> {
    if (this.#reach.kind === 'lost') throw new Error(`Redis is out of reach: ${this.#reach.why}`);
    try {
      return await this.#within(send(this.#clients.asking, this.#settings.prefix + key));
    } catch (error) {
      if (!isMisuse(error)) this.#failed(error, key);
      throw error;
    }
  }

  #failed(error: unknown, key: string): void {
    this.#probed = key;
    this.#become({ kind: 'lost', why: causeOf(error) });
    void this.#look();
  }

  /** Looks never overlap, and the next one is planned when one has ended. Never rejects. */
  async #look(): Promise<void> {
    if (this.#looking || this.#closed) return;
    this.#looking = true;
    this.#callOff();
    const reach = await this.#seen();
    this.#looking = false;
    this.#become(reach);
    this.#plan(reach.kind === 'reached' ? calmMs : alarmedMs);
  }

  #plan(ms: number): void {
    this.#callOff();
    if (!this.#closed) this.#callOff = this.#clock.after(ms, () => void this.#look());
  }

  async #seen(): Promise<Reach> {
    const { asking } = this.#clients;
    try {
      await this.#within(asking.set(`${this.#settings.prefix}probe:{${this.#probed}}`, '1', 'PX', probeLifeMs));
    } catch (error) {
      // What it still waits for will not come any more; a new connection may be answered.
      if (isTimeout(error)) reconnect(asking);
      return { kind: 'lost', why: isUnsent(error) ? (this.#trouble ?? 'not connected') : causeOf(error) };
    }
    this.#trouble = undefined;
    return this.#heard();
  }

  async #heard(): Promise<Reach> {
    const { asking, hearing } = this.#clients;
    const token = randomUUID();
    try {
      const heard = this.#ear.expect(token);
      await this.#within(asking.publish(this.#ear.beats, token));
      await this.#within(heard);
      return { kind: 'reached' };
    } catch (error) {
      this.#ear.lost();
      const why = `messages are not heard: ${causeOf(error)}`;
      // A cluster's own connection for this knows no time-out.
      if (hearing === asking) await this.#within(this.#ear.listen()).catch(() => undefined);
      else if (hearing.status === 'ready') reconnect(hearing);
      return { kind: 'deaf', why };
    }
  }

  #become(reach: Reach): void {
    if (this.#closed) return;
    const before = this.#reach;
    this.#reach = reach;
    if (reach.kind === 'reached') this.#firstLook?.();
    if (before.kind !== reach.kind) this.#watcher.changed(reach);
  }

  /** Above the client's own time-out, which a cluster client begins anew with every server that it is sent on to. */
  #within<T>(answer: Promise<T>): Promise<T> {
    const { timeoutMs } = this.#settings;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`Command timed out after ${timeoutMs} ms`)), timeoutMs);
      answer.then(resolve, reject).finally(() => clearTimeout(late));
    });
  }
}

const reconnect = (client: Clients['asking'] | Clients['hearing']): void => client.disconnect(true);
