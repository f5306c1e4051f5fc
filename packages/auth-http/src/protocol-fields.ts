import { mechanisms, protocols, type Mechanism, type Protocol } from '@postern/contract';
import type { Asked } from './denial.js';
import { protocolFieldName, type ProtocolFieldName } from './field-names.js';
import type { HeaderField } from './head.js';

const protocolWords: ReadonlyMap<string, Protocol> = new Map(protocols.map((word) => [word, word]));
const mechanismWords: ReadonlyMap<string, Mechanism> = new Map(mechanisms.map((word) => [word, word]));

/** At most 15 digits: exact as a number. nginx counts from 1. */
const countFromOne = /^0*[1-9]\d{0,14}$/;

/** The headers nginx makes itself. Their names are matched in any case and order (rule 05). */
export class ProtocolFields {
  readonly #values = new Map<string, string>();
  /** Name of a field that came twice, safe to log. */
  readonly duplicate: string | undefined;
  /** From the first of each: an injected line lands behind the genuine ones (CVE-2026-28753). */
  readonly asked: Asked;

  constructor(headers: readonly HeaderField[]) {
    let duplicate: string | undefined;
    for (const [sent, value] of headers) {
      const name = protocolFieldName(sent);
      if (name === undefined) continue;
      if (this.#values.has(name)) duplicate ??= loggable(name);
      else this.#values.set(name, value);
    }
    this.duplicate = duplicate;
    this.asked = this.#readAsked();
  }

  get(name: ProtocolFieldName): string | undefined {
    return this.#values.get(name);
  }

  #readAsked(): Asked {
    const protocol = protocolWords.get(this.get('Auth-Protocol') ?? '');
    const mechanism = mechanismWords.get(this.get('Auth-Method') ?? '');
    const attempt = this.get('Auth-Login-Attempt') ?? '1';
    const asked: { -readonly [K in keyof Asked]: Asked[K] } = {};
    if (protocol !== undefined) asked.protocol = protocol;
    if (mechanism !== undefined) asked.mechanism = mechanism;
    if (countFromOne.test(attempt)) asked.ordinal = Number(attempt);
    return asked;
  }
}

const loggable = (name: string): string => name.slice(0, 64).replace(/[^A-Za-z0-9-]/g, '?');
