// What the machine says: CPU time and memory of a process, and where it may run. Linux; elsewhere undefined.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

const ticksPerSecond = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout) || 100;

const read = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** The scheduler's own account, in nanoseconds, of all threads that live. */
const scheduled = (pid) => {
  try {
    const threads = readdirSync(`/proc/${pid}/task`).map((thread) => read(`/proc/${pid}/task/${thread}/schedstat`));
    if (threads.includes(undefined)) return undefined;
    return threads.reduce((sum, text) => sum + Number(text.split(' ')[0]), 0) / 1e9;
  } catch {
    return undefined;
  }
};

const accounted = (pid) => {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
};

/** Seconds of CPU that a process used so far, with all its threads. */
export const cpuSeconds = (pid) => scheduled(pid) ?? accounted(pid);

/** Seconds for which the machine's CPUs had nothing to do, all of them together. */
export const idleSeconds = () => cpus().reduce((sum, { times }) => sum + times.idle, 0) / 1000;

/** The processes that this one started and that are still there. */
export const childrenOf = (pid) =>
  readdirSync('/proc').filter((name) => {
    const stat = /^\d+$/.test(name) ? read(`/proc/${name}/stat`) : undefined;
    return stat !== undefined && Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
  });

/** Resident memory in bytes. */
export const residentBytes = (pid) => {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '') ?? [];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
};

const allowedCpus = () => {
  const [, list = ''] = /^Cpus_allowed_list:\s+(\S+)/m.exec(read('/proc/self/status') ?? '') ?? [];
  return list.split(',').flatMap((part) => {
    const [first, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
};

/** The server gets one CPU and the load another, so that the server is the limit and the scheduler changes nothing. */
export const affinity = () => {
  const allowed = allowedCpus();
  const works = allowed.length >= 2 && spawnSync('taskset', ['-V'], { stdio: 'ignore' }).status === 0;
  const pin = (pid, cpu) => works && spawnSync('taskset', ['-a', '-p', '-c', String(cpu), String(pid)], { stdio: 'ignore' });
  return {
    text: works ? `server pinned to CPU ${allowed[0]}, load to CPU ${allowed[1]}` : 'nothing pinned (needs taskset and two CPUs)',
    pinServer: (pid) => pin(pid, allowed[0]),
    pinLoad: (pid) => pin(pid, allowed[1]),
  };
};

// Before anything is pinned: afterwards Node counts only what this process may use.
const processors = availableParallelism();

export const machineText = () => `${processors} × ${cpus()[0]?.model.trim() ?? 'CPU'}, ${process.platform} ${process.arch}`;
