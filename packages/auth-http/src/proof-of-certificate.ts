import { X509Certificate } from 'node:crypto';
import type { Certificate } from '@postern/contract';
import { percentDecode } from './percent.js';
import type { ProtocolFields } from './protocol-fields.js';
import { failed, malformed, type Trouble } from './trouble.js';

const sha1 = /^[0-9a-f]{40}$/;

/**
 * The client certificate, only if nginx says that it verified it. nginx asks with `external` even where EXTERNAL is not
 * enabled, without TLS and without a certificate (seen up to 1.31), so everything hangs on `Auth-SSL-Verify` (rule 33).
 */
export const readCertificate = (fields: ProtocolFields): Certificate | Trouble => {
  if (fields.get('Auth-SSL') !== 'on') return failed('external without TLS');
  if (fields.get('Auth-SSL-Verify') !== 'SUCCESS') return failed('external without a verified client certificate');
  const subject = fields.get('Auth-SSL-Subject');
  const fingerprint = fields.get('Auth-SSL-Fingerprint')?.toLowerCase() ?? '';
  if (subject === undefined || !sha1.test(fingerprint)) return failed('external without a certificate subject and fingerprint');
  const certificate = { subject, issuer: fields.get('Auth-SSL-Issuer') ?? '', serial: fields.get('Auth-SSL-Serial') ?? '', fingerprint };
  const sent = fields.get('Auth-SSL-Cert');
  if (sent === undefined || sent === '') return certificate;
  const pem = percentDecode(sent);
  if (pem === undefined || fingerprintOf(pem) !== fingerprint)
    return malformed('Auth-SSL-Cert is not the certificate of Auth-SSL-Fingerprint');
  return { ...certificate, pem };
};

const fingerprintOf = (pem: string): string | undefined => {
  try {
    return new X509Certificate(pem).fingerprint.replaceAll(':', '').toLowerCase();
  } catch {
    return undefined;
  }
};
