import type { Clock, Log, SharedState } from '@postern/contract';
import { BanLog } from './ban-log.js';
import { type BanNews, type KeptBan, readBan, readNews, writeBan, writeNews } from './ban-text.js';
import type { ThrottleConfig } from './config.js';
import { LocalBans } from './local-bans.js';
import type { Place } from './place.js';

export interface BanBookParts {
  readonly shared: SharedState;
  readonly clock: Clock;
  readonly log: Log;
  readonly penalty: ThrottleConfig['penalty'];
  /** Called when the number of bans that this process knows of may have changed. */
  readonly changed: (count: number) => void;
}

const topic = 'bans';
const banKey = (id: string): string => `b:${id}`;
const levelKey = (id: string): string => `l:${id}`;
const claimKey = (id: string): string => `c:${id}`;
const liftedKey = (id: string): string => `x:${id}`;
/** Two processes that see the limit reached at once make one ban. */
const claimMs = 5000;

/** Who is kept out until when: in the shared state, and in this process so that nothing that happens to the state lifts a ban. */
export class BanBook {
  readonly #parts: BanBookParts;
  readonly #local: LocalBans;
  readonly #made: BanLog;
  #unsubscribe: (() => void) | undefined;

  constructor(parts: BanBookParts) {
    this.#parts = parts;
    this.#local = new LocalBans(parts.clock);
    this.#made = new BanLog(parts.shared);
  }

  start(): void {
    this.#unsubscribe ??= this.#parts.shared.subscribe(topic, (message) => this.#hear(message));
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  /** Whether this process knows a ban of it. It may have been lifted elsewhere, and others may know one: `find` tells. */
  knows(id: string): boolean {
    return this.#local.get(id) !== undefined;
  }

  async find(id: string): Promise<KeptBan | undefined> {
    const { shared, clock } = this.#parts;
    const local = this.#local.get(id);
    const text = await shared.get(banKey(id));
    const ban = text === undefined ? undefined : readBan(text);
    if (ban !== undefined) {
      if (local === undefined) this.#learn(ban);
      return ban.until > clock.now() ? ban : undefined;
    }
    if (local === undefined) return undefined;
    // Lifted where this process could not hear it, or lost by the state.
    if ((await shared.get(liftedKey(id))) === undefined) return local;
    this.#unlearn(id);
    return undefined;
  }

  /** Keeps a place's visitors out, longer each time. Undefined: they are kept out already. */
  async impose(place: Place, tries: number): Promise<KeptBan | undefined> {
    const { shared, clock, penalty } = this.#parts;
    const { kind, id, user, network, limit } = place;
    if ((await this.find(id)) !== undefined) return undefined;
    const level = Number((await shared.get(levelKey(id))) ?? 0);
    const lastsMs = Math.max(limit.per, Math.min(penalty.most, penalty.first * penalty.factor ** level));
    if ((await shared.increment(claimKey(id), 1, Math.min(claimMs, lastsMs))) !== 1) return undefined;
    const since = clock.now();
    const ban: KeptBan = {
      id,
      kind,
      ...(user !== undefined && { user }),
      ...(network !== undefined && { network }),
      tries,
      since,
      until: since + lastsMs,
    };
    await shared.delete(liftedKey(id));
    await Promise.all([
      shared.set(banKey(id), writeBan(ban), lastsMs),
      shared.set(levelKey(id), String(level + 1), lastsMs + Math.max(limit.per, penalty.most)),
      this.#made.add(id, lastsMs),
    ]);
    this.#learn(ban);
    await this.#tell({ ban });
    return ban;
  }

  /** The youngest first. */
  async list(most: number): Promise<readonly KeptBan[]> {
    const ids = new Set([...(await this.#made.youngest(most)), ...this.#local.list().map(({ id }) => id)]);
    const bans = await Promise.all([...ids].map((id) => this.find(id)));
    return bans
      .filter((ban) => ban !== undefined)
      .sort((one, other) => other.since - one.since)
      .slice(0, most);
  }

  async lift(id: string): Promise<KeptBan | undefined> {
    const { shared, clock } = this.#parts;
    const ban = await this.find(id);
    if (ban === undefined) return undefined;
    // The mark first: a process that knows the ban must not put up with its mere absence.
    await shared.set(liftedKey(id), '1', Math.max(1, ban.until - clock.now()));
    await Promise.all([shared.delete(banKey(id)), shared.delete(claimKey(id)), this.forgive(id)]);
    this.#unlearn(id);
    await this.#tell({ lifted: id });
    return ban;
  }

  /** The next ban of this place is a first one again. */
  forgive(id: string): Promise<void> {
    return this.#parts.shared.delete(levelKey(id));
  }

  /** Says anew how many there are. */
  tally(): void {
    this.#local.prune();
    this.#parts.changed(this.#local.size);
  }

  #learn(ban: KeptBan): void {
    this.#local.add(ban);
    this.#parts.changed(this.#local.size);
  }

  #unlearn(id: string): void {
    this.#local.delete(id);
    this.#parts.changed(this.#local.size);
  }

  async #tell(news: BanNews): Promise<void> {
    await this.#parts.shared.publish(topic, writeNews(news));
  }

  #hear(message: string): void {
    const news = readNews(message);
    if (news === undefined) this.#parts.log.warn('heard something about bans that makes no sense');
    else if ('ban' in news) this.#learn(news.ban);
    else this.#unlearn(news.lifted);
  }
}
