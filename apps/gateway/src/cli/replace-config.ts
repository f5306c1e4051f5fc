import { constants, copyFile, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readConfigFile } from './config-file.js';
import { problemsText } from './problems.js';
import { UsageError, type Shell } from './shell.js';

export interface Replacement {
  /** Absolute. */
  readonly file: string;
  /** What was read; another text in the file now means that somebody else is at work. */
  readonly before: string;
  readonly after: string;
  /** For the copy's name. */
  readonly suffix: string;
}

/**
 * Puts a new text in the place of a config file, at once, after it was checked; answers where a copy of the old one is. Undefined: the
 * new one has errors, which were told. Whoever reads the file meanwhile finds the one or the other.
 */
export const replaceConfig = async (shell: Shell, { file, before, after, suffix }: Replacement): Promise<string | undefined> => {
  // Behind a link: the link stays one.
  const target = await realpath(file);
  const found = await stat(target);
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  // Beside the file the user named: that is what relative paths in it refer to.
  const draft = join(dirname(file), `.${basename(file)}.${process.pid}.draft`);
  const placed = join(dirname(target), `.${basename(target)}.${process.pid}.new`);
  const backup = `${target}.${suffix}-${stamp}`;
  try {
    await write(draft, after, found.mode);
    const { config, problems } = await readConfigFile(shell, draft);
    if (config === undefined) {
      shell.io.stderr.write(`postern: the edit would not pass check; nothing is written\n${problemsText(problems)}`);
      shell.end(2);
      return undefined;
    }
    if ((await readFile(file, 'utf8')) !== before) throw new UsageError('the config file changed meanwhile', 'Try again.');
    await copyFile(target, backup, constants.COPYFILE_EXCL);
    await write(placed, after, found.mode);
    await rename(placed, target);
    return backup;
  } finally {
    await Promise.all([draft, placed].map((path) => rm(path, { force: true })));
  }
};

const write = async (path: string, text: string, mode: number): Promise<void> => {
  const handle = await open(path, 'wx', mode & 0o777);
  try {
    await handle.chmod(mode & 0o777);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
};
