import { Encoder, KeyRing, type DecodeOptions } from '@postern/auth-http';
import type { Generation } from '@postern/kernel';
import type { DoorName } from './answerer.js';
import type { GatewayLog } from './logging/gateway-log.js';

/** nginx's http module adds `Server`, `Date` and `Connection` of its own on the way through a shim, within the same 1024 bytes. */
const expressBudgetBytes = 768;

/** Where one generation's answers are given: its keys, its way of reading and its words. Swapped whole, with the generation. */
export interface Desk {
  readonly generation: Pick<Generation, 'answer'>;
  readonly keys: KeyRing;
  /** From so many questions in flight on, the next is turned away. */
  readonly maxInFlight: number;
  readonly decodeOptions: DecodeOptions;
  readonly encoders: Readonly<Record<DoorName, Encoder>>;
  readonly log: GatewayLog;
}

export const deskOf = (generation: Generation, log: GatewayLog): Desk => {
  const { attempts, digestWait, key = [], maxInFlight, trustedProxies } = generation.config.core.nginx;
  const rules = { ...attempts, digestWait };
  return {
    generation,
    keys: new KeyRing(key.map((one) => one.reveal())),
    maxInFlight,
    decodeOptions: { trustedProxies },
    encoders: { nginx: new Encoder(rules), express: new Encoder(rules, expressBudgetBytes) },
    log,
  };
};
