import { createHmac } from 'node:crypto';
import type { LoginAttempt, Proof } from '@postern/contract';

/** 64 bits: two passwords of one user rarely look like one, and whoever reads them cannot tell which password it was. */
const digestLength = 11;

/**
 * Stands for a user's proof: equal for equal passwords of one user, and for nothing else. Keyed, because a plain hash of a wrong
 * password gives away the right one that it resembles.
 *
 * A client answers each APOP and CRAM-MD5 challenge otherwise, so that equal passwords cannot be told: each answer is another.
 */
export const proofDigest = (key: Uint8Array, { user, proof }: Pick<LoginAttempt, 'user' | 'proof'>): string => {
  const { word, content } = contentOf(proof);
  return createHmac('sha256', key).update(`${word}:${user.length}:${user}`).update(content).digest('base64url').slice(0, digestLength);
};

const contentOf = (proof: Proof): { readonly word: string; readonly content: Uint8Array | string } => {
  switch (proof.mechanism) {
    case 'plain':
      return { word: 'password', content: proof.bytes };
    case 'apop':
    case 'cram-md5':
      return { word: 'challenge', content: `${proof.salt.length}:${proof.salt}${proof.digest}` };
    case 'external':
      return { word: 'certificate', content: proof.certificate.fingerprint };
    case 'xoauth2':
    case 'oauthbearer':
      return { word: 'token', content: proof.token };
    case 'none':
      return { word: 'none', content: '' };
  }
};
