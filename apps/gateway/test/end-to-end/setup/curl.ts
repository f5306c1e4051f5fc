import { requireProgram } from '@postern/testkit';
import { execFile } from 'node:child_process';

export interface CurlAnswer {
  /** curl's exit status: 0 fine, 67 login denied. */
  readonly exit: number;
  readonly out: string;
  /** What the server said, line by line, as curl -v shows it. */
  readonly said: string;
}

/** Runs curl; never rejects because of what a server answered. */
export const curl = (args: readonly string[]): Promise<CurlAnswer> =>
  new Promise((resolve, reject) => {
    execFile(requireProgram('curl'), ['-sSvg', '--max-time', '20', ...args], { encoding: 'utf8' }, (error, out, log) => {
      if (error !== null && typeof error.code !== 'number') {
        reject(new Error(`curl could not run: ${error.message}`));
        return;
      }
      const said = log
        .split('\n')
        .filter((line) => line.startsWith('< '))
        .map((line) => line.slice(2).trimEnd());
      resolve({ exit: typeof error?.code === 'number' ? error.code : 0, out, said: said.join('\n') });
    });
  });
