import type { Command } from 'commander';
import { readPassword } from './read-password.js';
import { UsageError, type Shell } from './shell.js';

const schemes = ['ARGON2ID', 'BLF-CRYPT'] as const;
type Scheme = (typeof schemes)[number];

export const addHash = (program: Command, shell: Shell): void => {
  program
    .command('hash')
    .summary('hash a password from stdin')
    .description('Reads a password from stdin (on a terminal: asks twice, without echo) and prints its hash for `static` users.')
    .option('-s, --scheme <scheme>', `one of ${schemes.join(', ')}`, 'ARGON2ID')
    .addHelpText('after', "\nExample:\n  printf %s 'the password' | postern hash --scheme BLF-CRYPT")
    .action(async (options: { readonly scheme: string }) => {
      const scheme = readScheme(options.scheme);
      const password = await readPassword(shell.io, true);
      if (scheme === 'BLF-CRYPT') refuseWhatBcryptCuts(password);
      const { hashPassword } = await import('@postern/passwords');
      shell.io.stdout.write(`${await hashPassword(password, scheme)}\n`);
    });
};

const readScheme = (text: string): Scheme => {
  const wanted = text.replace(/^\{(.*)\}$/, '$1').toUpperCase();
  const scheme = schemes.find((known) => known === wanted);
  if (scheme !== undefined) return scheme;
  throw new UsageError(`"${text}" is no scheme that this command makes`, `There are ${schemes.join(' and ')}.`);
};

/** bcrypt reads 72 bytes and stops at NUL: a longer password would be let in by its beginning alone. */
const refuseWhatBcryptCuts = (password: Uint8Array): void => {
  if (password.length <= 72 && !password.includes(0)) return;
  throw new UsageError('BLF-CRYPT knows 72 bytes of a password and no NUL byte', 'Use --scheme ARGON2ID.');
};
