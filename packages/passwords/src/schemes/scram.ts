import { createHash, createHmac } from 'node:crypto';
import { unusable } from '../check.js';
import { sameBytes } from '../same-bytes.js';
import type { Scheme } from '../scheme.js';
import { derive, mostIterations } from './derivation.js';

type Algorithm = 'sha1' | 'sha256';

const shape = /^([1-9]\d{0,9}),([A-Za-z0-9+/]{2,344}={0,2}),([A-Za-z0-9+/]+={0,2}),([A-Za-z0-9+/]+={0,2})$/;

/**
 * RFC 5802, as Dovecot stores it: iterations, salt, StoredKey and ServerKey. The password counts as its bytes, as Dovecot
 * takes it, without SASLprep.
 */
const scram = (name: string, algorithm: Algorithm, size: number): Scheme => ({
  names: [name],
  weak: false,
  encoding: 'text',
  costOf: (data) => `iterations=${data.toString('latin1').split(',', 1)[0] ?? ''}`,
  open: (data) => {
    const [, count, ...texts] = shape.exec(data.toString('latin1')) ?? [];
    const iterations = Number(count);
    const [salt, storedKey, serverKey] = texts.map((text) => Buffer.from(text, 'base64'));
    if (salt === undefined || storedKey?.length !== size || serverKey?.length !== size) return unusable(`the ${name} hash cannot be read`);
    if (iterations > mostIterations)
      return unusable(`the ${name} hash asks for more than is allowed (${iterations} iterations, at most ${mostIterations})`);
    return {
      kind: 'heavy',
      holds: async (password) => {
        const salted = await derive(password, salt, iterations, size, algorithm);
        const clientKey = createHmac(algorithm, salted).update('Client Key').digest();
        const stored = createHash(algorithm).update(clientKey).digest();
        const server = createHmac(algorithm, salted).update('Server Key').digest();
        return sameBytes(Buffer.concat([stored, server]), Buffer.concat([storedKey, serverKey]));
      },
    };
  },
});

export const scramSha1 = scram('SCRAM-SHA-1', 'sha1', 20);
export const scramSha256 = scram('SCRAM-SHA-256', 'sha256', 32);
