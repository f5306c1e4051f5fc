import type { LoginAttempt } from '@postern/contract';

/**
 * A login attempt as nginx told it, before it has a canonical user.
 *
 * `rawUser` is never empty, except for `external`: there it is only the identity that was asked for, and clients send
 * anything or nothing (rule 34). For `none` it is the recipient's address.
 */
export type RawAttempt = Omit<LoginAttempt, 'id' | 'user'>;
