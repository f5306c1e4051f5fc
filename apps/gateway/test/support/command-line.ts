import { runCli } from '../../src/cli/run-cli.js';
import type { ConfigFolder } from './config-folder.js';
import { TestIo } from './test-io.js';

/** What one command line ended with and wrote. */
export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** One command line in a folder, to its end. `input`: what stands on stdin. */
export const runIn = async (
  folder: ConfigFolder,
  words: readonly string[],
  input: string | Buffer = '',
  env: Readonly<Record<string, string>> = {},
): Promise<Run> => {
  const io = new TestIo(folder.path).typed(input);
  Object.assign(io.env, env);
  const code = await runCli(words, io);
  return { code, out: io.stdout.text, err: io.stderr.text };
};
