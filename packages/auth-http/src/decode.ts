import type { LoginAttempt, Networks } from '@postern/contract';
import { readClient } from './client-address.js';
import type { Asked, DenialKind } from './denial.js';
import type { HeaderField } from './head.js';
import { readOffer } from './proof.js';
import { ProtocolFields } from './protocol-fields.js';
import type { RawAttempt } from './raw-attempt.js';
import { malformed, type Trouble } from './trouble.js';

export type Decoded =
  | { readonly kind: 'attempt'; readonly attempt: RawAttempt }
  /** `why` is for the log: no secret, and none of the received bytes. */
  | { readonly kind: 'denied'; readonly denial: DenialKind; readonly asked: Asked; readonly why: string };

export interface DecodeOptions {
  /** Balancers whose `Proxy-Protocol-Addr` is believed (rule 22). */
  readonly trustedProxies: Networks;
}

/** nginx's headers read as a login attempt, or as a denial that can be sent at once. Never throws. */
export const decode = (headers: readonly HeaderField[], options: DecodeOptions): Decoded => {
  const fields = new ProtocolFields(headers);
  const read = readAttempt(fields, options);
  return 'denial' in read ? { kind: 'denied', asked: fields.asked, ...read } : { kind: 'attempt', attempt: read };
};

const readAttempt = (fields: ProtocolFields, options: DecodeOptions): RawAttempt | Trouble => {
  if (fields.duplicate !== undefined) return malformed(`the header ${fields.duplicate} came twice`);
  const { protocol, mechanism, ordinal } = fields.asked;
  if (protocol === undefined) return malformed('Auth-Protocol is missing or unknown');
  if (mechanism === undefined) return malformed('Auth-Method is missing or unknown');
  if (ordinal === undefined) return malformed('Auth-Login-Attempt is no count');
  const client = readClient(fields, options.trustedProxies);
  if ('denial' in client) return client;
  const offer = readOffer(fields, mechanism, protocol);
  if ('denial' in offer) return offer;
  const { rawUser, proof } = offer;
  const tls = readTls(fields);
  return tls === undefined ? { rawUser, proof, protocol, client, ordinal } : { rawUser, proof, protocol, client, tls, ordinal };
};

/** TLS only for the exact word `on` (rule 25). Protocol and cipher came with 1.21.2; nothing depends on them (rule 72). */
const readTls = (fields: ProtocolFields): LoginAttempt['tls'] => {
  if (fields.get('Auth-SSL') !== 'on') return undefined;
  const tls: { protocol?: string; cipher?: string } = {};
  const protocol = shortWord(fields.get('Auth-SSL-Protocol'));
  const cipher = shortWord(fields.get('Auth-SSL-Cipher'));
  if (protocol !== undefined) tls.protocol = protocol;
  if (cipher !== undefined) tls.cipher = cipher;
  return tls;
};

const shortWord = (text: string | undefined): string | undefined =>
  text !== undefined && /^[\x21-\x7e]{1,64}$/.test(text) ? text : undefined;
