import type { Command } from 'commander';
import type { HashScheme } from '@postern/passwords';
import { readPassword } from './read-password.js';
import { UsageError, type Shell } from './shell.js';

/** Every scheme that `hashPassword` makes: the compiler sees to it. The package itself is loaded when it is wanted. */
const schemes = Object.keys({ ARGON2ID: true, 'BLF-CRYPT': true, 'SHA512-CRYPT': true, SSHA512: true } satisfies Record<
  HashScheme,
  true
>) as readonly HashScheme[];

export const addHash = (program: Command, shell: Shell): void => {
  program
    .command('hash')
    .summary('hash a password from stdin')
    .description('Reads a password from stdin (on a terminal: asks twice, without echo) and prints its hash for `static` users.')
    .option('-s, --scheme <scheme>', `one of ${schemes.join(', ')}`, 'ARGON2ID')
    .addHelpText('after', "\nExample:\n  printf %s 'the password' | postern hash --scheme BLF-CRYPT")
    .action(async (options: { readonly scheme: string }) => {
      const scheme = hashSchemeNamed(options.scheme);
      const password = await readPassword(shell.io, true);
      shell.io.stdout.write(`${await hashOf(password, scheme)}\n`);
    });
};

/** The scheme under a name, with or without braces, upper or lower case. Throws a `UsageError`. */
export const hashSchemeNamed = (text: string): HashScheme => {
  const wanted = text.replace(/^\{(.*)\}$/, '$1').toUpperCase();
  const scheme = schemes.find((known) => known === wanted);
  if (scheme !== undefined) return scheme;
  throw new UsageError(`"${text}" is no scheme that this command makes`, `There are ${schemes.join(', ')}.`);
};

/** A `RangeError`: the scheme would not take the password as a whole, so its beginning alone would let people in. */
const hashOf = async (password: Uint8Array, scheme: HashScheme): Promise<string> => {
  const { hashPassword } = await import('@postern/passwords');
  try {
    return await hashPassword(password, scheme);
  } catch (cause) {
    if (cause instanceof RangeError) throw new UsageError(`${scheme}: ${cause.message}`, 'Use --scheme ARGON2ID.');
    throw cause;
  }
};
