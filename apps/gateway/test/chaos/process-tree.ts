import { readdir, readFile } from 'node:fs/promises';

const parentOf = async (pid: number): Promise<number | undefined> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in parentheses may hold anything, blanks and parentheses included.
  const [, parent] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return parent;
};

/** Whoever descends from a process, children before grandchildren. */
export const descendantsOf = async (root: number): Promise<readonly number[]> => {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => Number.isInteger(pid));
  const parents = await Promise.all(pids.map(async (pid) => [pid, await parentOf(pid)] as const));
  const family = [root];
  for (const elder of family) family.push(...parents.filter(([, parent]) => parent === elder).map(([pid]) => pid));
  return family.slice(1);
};

/** Signals one process; that it is gone already is fine. */
export const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
};

/** Nobody of the family runs on: servers fork processes that a signal to the head, or to its group, does not reach. */
export const freezeTree = async (root: number): Promise<readonly number[]> => {
  signal(root, 'SIGSTOP');
  const rest = await descendantsOf(root);
  for (const pid of rest) signal(pid, 'SIGSTOP');
  return [root, ...rest];
};

/** `kill -9` for the whole family; frozen first, so that nobody is born meanwhile. */
export const killTree = async (root: number): Promise<void> => {
  for (const pid of await freezeTree(root)) signal(pid, 'SIGKILL');
};
