import {
  askedOf,
  decode,
  defaultDenialRules,
  Encoder,
  type Asked,
  type DenialKind,
  type Encoded,
  type HeaderField,
} from '@postern/auth-http';
import type { Clock, Role } from '@postern/contract';
import { Rarely, type Outcome, type Stage } from '@postern/kernel';
import type { Answerer, DoorName, RefusedRequest } from './answerer.js';
import type { Desk } from './desk.js';
import { askedIn } from './doors/asking.js';
import { askerOf, decisionLine, refusalLine, type Asker, type LineFields } from './logging/decision-line.js';
import { plainText } from './logging/plain-text.js';
import type { LoginMetrics } from './metrics/login-metrics.js';

const refusalLineEveryMs = 10_000;

const roles: Readonly<Partial<Record<Stage, Role>>> = { store: 'credential-store', router: 'backend-router', policy: 'policy' };
const stages: readonly Stage[] = ['identity', 'policy', 'store', 'router', 'placement'];

/** What is said before the first and after the last generation, and where nothing else can be said. */
const lastResort = new Encoder(defaultDenialRules);

/**
 * Key, decode, generation, encode; then the decision line and the numbers. Every way through it ends in a reply with exactly one
 * `Auth-Status` (rules 9, 43, 58).
 */
export class GatewayAnswerer implements Answerer {
  readonly #metrics: LoginMetrics;
  readonly #rarely: Rarely;
  #desk: Desk | undefined;
  #inFlight = 0;

  constructor(parts: { readonly metrics: LoginMetrics; readonly clock: Clock }) {
    this.#metrics = parts.metrics;
    this.#rarely = new Rarely(parts.clock, refusalLineEveryMs);
  }

  /** From now on answers come from here; what is being answered stays where it began. */
  serve(desk: Desk): void {
    this.#desk = desk;
  }

  refuse(why: RefusedRequest, door: DoorName, asked: Asked = {}, detail?: string): Encoded {
    this.#metrics.refused(door, why);
    this.#sayRefused(why, door, detail);
    return (this.#desk?.encoders[door] ?? lastResort).encode({ kind: 'denied', denial: 'deferred', asked });
  }

  async answer(headers: readonly HeaderField[], door: DoorName): Promise<Encoded> {
    const desk = this.#desk;
    if (desk === undefined) return lastResort.encode({ kind: 'denied', denial: 'deferred', asked: {} });
    if (this.#inFlight >= desk.maxInFlight) return this.#shed(desk, headers, door);
    this.#inFlight += 1;
    this.#metrics.entered(door);
    try {
      return await this.#decide(desk, headers, door);
    } catch (error) {
      desk.log.error('answering failed; the client is told to try again later', { error, door });
      return desk.encoders[door].encode({ kind: 'denied', denial: 'deferred', asked: {} });
    } finally {
      this.#inFlight -= 1;
      this.#metrics.left(door);
    }
  }

  async #decide(desk: Desk, headers: readonly HeaderField[], door: DoorName): Promise<Encoded> {
    if (!desk.keys.admits(headers)) return this.#denyStranger(desk, headers, door);
    const decoded = decode(headers, desk.decodeOptions);
    if (decoded.kind === 'denied') {
      if (decoded.denial === 'deferred') this.#metrics.refused(door, 'undecodable');
      const encoded = this.#deny(desk, door, decoded.denial, decoded.asked);
      this.#write(desk, encoded, () => refusalLine(asks(decoded.asked), encoded, door, decoded.why));
      return encoded;
    }
    const { attempt } = decoded;
    const outcome = await desk.generation.answer(attempt);
    const encoded = desk.encoders[door].encode(outcome.answer);
    this.#count(attempt.protocol, attempt.proof.mechanism, outcome, encoded);
    this.#write(desk, encoded, () => decisionLine(askerOf(attempt), outcome, encoded, door));
    return encoded;
  }

  /** There is more to do than can be done in time. Nothing is decoded and nobody asked: a no costs next to nothing. */
  #shed(desk: Desk, headers: readonly HeaderField[], door: DoorName): Encoded {
    this.#metrics.refused(door, 'overload');
    this.#sayRefused('overload', door, `${desk.maxInFlight} logins are being answered (nginx.maxInFlight)`);
    return this.#deny(desk, door, 'deferred', askedIn(headers));
  }

  /** No store is touched (rule 13). The question is looked at only for the words that its protocol wants. */
  #denyStranger(desk: Desk, headers: readonly HeaderField[], door: DoorName): Encoded {
    const decoded = decode(headers, desk.decodeOptions);
    this.#metrics.refused(door, 'key');
    this.#sayRefused('key', door, 'X-Auth-Key is missing or wrong: compare auth_http_header in nginx.conf with nginx.key');
    return this.#deny(desk, door, 'deferred', decoded.kind === 'denied' ? decoded.asked : askedOf(decoded.attempt));
  }

  #deny(desk: Desk, door: DoorName, denial: DenialKind, asked: Asked): Encoded {
    const encoded = desk.encoders[door].encode({ kind: 'denied', denial, asked });
    this.#metrics.answered(asked.protocol, asked.mechanism, encoded.sent);
    return encoded;
  }

  #count(protocol: Asked['protocol'], mechanism: Asked['mechanism'], outcome: Outcome, encoded: Encoded): void {
    this.#metrics.answered(protocol, mechanism, encoded.sent);
    const spent: Record<Stage, number> = { identity: -1, policy: -1, store: -1, router: -1, placement: -1 };
    for (const { stage, instance, outcome: result, ms } of outcome.steps) {
      spent[stage] = Math.max(spent[stage], 0) + ms;
      const role = roles[stage];
      if (role !== undefined && instance !== undefined) this.#metrics.instance(instance, role, result, ms);
    }
    for (const stage of stages) if (spent[stage] >= 0) this.#metrics.stage(stage, spent[stage]);
  }

  /** An outage is worth a warning; a wrong password is everyday. A silent log builds no line at all. */
  #write(desk: Desk, encoded: Encoded, line: () => LineFields): void {
    const level = encoded.sent === 'deferred' ? 'warn' : 'info';
    if (desk.log.enabled(level)) desk.log.writeClean(level, 'login', line());
  }

  #sayRefused(why: RefusedRequest | 'key' | 'overload', door: DoorName, detail: string | undefined): void {
    const log = this.#desk?.log;
    if (log === undefined) return;
    this.#rarely.say(`${door} ${why}`, (leftOut) => {
      const more = leftOut === 0 ? {} : { more: leftOut };
      log.warn('a request was refused', { door, why, ...(detail === undefined ? {} : { detail: plainText(detail, 200) }), ...more });
    });
  }
}

const asks = ({ protocol, mechanism, ordinal }: Asked): Asker => ({
  protocol,
  mechanism,
  ordinal,
  rawUser: undefined,
  client: undefined,
  tls: undefined,
});
