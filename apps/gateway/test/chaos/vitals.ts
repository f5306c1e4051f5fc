import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { canary } from './people.js';
import { descendantsOf } from './process-tree.js';

/** What a process and those it started hold together. */
export interface Vitals {
  /** Open files and sockets. */
  readonly handles: number;
  /** Resident memory, in MB. */
  readonly memory: number;
}

export const vitalsOf = async (root: number): Promise<Vitals> => {
  const all = await Promise.all([root, ...(await descendantsOf(root))].map(ofOne));
  return {
    handles: all.reduce((sum, { handles }) => sum + handles, 0),
    memory: all.reduce((sum, { memory }) => sum + memory, 0),
  };
};

const ofOne = async (pid: number): Promise<Vitals> => {
  const [handles, status] = await Promise.all([readdir(`/proc/${pid}/fd`), readFile(`/proc/${pid}/status`, 'utf8')]);
  return { handles: handles.length, memory: Number(/^VmRSS:\s+(\d+)/mu.exec(status)?.[1] ?? 0) / 1024 };
};

/** How much more than at first is no growth: pools that were not full, memory that nobody collected yet. */
const tolerated: Vitals = { handles: 16, memory: 160 };

/** The most that may be held in the end, by so many processes that answer. */
export const mostAfter = (before: Vitals, processes: number): Vitals => ({
  handles: before.handles + processes * tolerated.handles,
  memory: before.memory + processes * tolerated.memory,
});

/** Waits until a process at rest holds as little as it may; answers what it holds then, or when `patienceMs` are over. */
export const settled = async (root: number, most: Vitals, patienceMs: number): Promise<Vitals> => {
  const until = performance.now() + patienceMs;
  for (;;) {
    const now = await vitalsOf(root);
    if ((now.handles <= most.handles && now.memory <= most.memory) || performance.now() > until) return now;
    await pause(100);
  }
};

const traces = /a fault that nobody caught|nhandled|ncaught|Warning: |MaxListeners|TypeError|RangeError|ReferenceError|heap out of memory/u;

/** Lines of a log that tell of a mistake in the program. */
export const mistakesIn = (log: string): readonly string[] => log.split('\n').filter((line) => traces.test(line));

export const secretsIn = (log: string): readonly string[] => log.split('\n').filter((line) => line.includes(canary));
