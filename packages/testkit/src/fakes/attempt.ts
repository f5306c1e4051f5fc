import type { LoginAttempt, Proof } from '@postern/contract';

/** What differs from an ordinary IMAP login of `ann@example.org`. `password` makes a plain proof out of a text or of raw bytes. */
export type AttemptParts = Partial<Omit<LoginAttempt, 'id'>> & { readonly id?: string; readonly password?: string | Uint8Array };

let made = 0;

/** A login attempt as the host would hand it to a store. */
export const attempt = (parts: AttemptParts = {}): LoginAttempt => {
  const { password, ...given } = parts;
  const user = parts.user ?? 'ann@example.org';
  made += 1;
  return {
    id: `attempt-${made}`,
    user,
    rawUser: user,
    proof: plainProof(password ?? 'right'),
    protocol: 'imap',
    client: { ip: '192.0.2.7' },
    ordinal: 1,
    ...given,
  };
};

/** The proof of a typed password. */
export const plainProof = (password: string | Uint8Array): Proof => {
  const bytes = typeof password === 'string' ? Buffer.from(password, 'utf8') : password;
  return { mechanism: 'plain', bytes, password: Buffer.from(bytes).toString('utf8') };
};
