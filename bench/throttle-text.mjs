// What the throttle's measurements say.
import { table } from './report.mjs';

const whole = (number) => Math.round(number).toLocaleString('en-US');
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;

export const throttleText = ({ samples, entries, microseconds, login, growth, limit, met }, { nodeVersion, date }) =>
  [
    `${date}, Node ${nodeVersion}: memory of a process in which every try has a user and an address of its own.`,
    '',
    table(
      ['tries', 'heap', 'resident'],
      samples.map(({ tries, heap, resident }) => [whole(tries), megabytes(heap), megabytes(resident)]),
    ),
    '',
    `At most ${whole(entries)} entries. Growth of the heap over the second half: ${megabytes(growth)}; at most ${megabytes(limit)}: ${met ? 'met' : '**missed**'}.`,
    `A login that is let in costs ${login.toFixed(0)} µs of CPU, a wrong one of the spray took ${microseconds.toFixed(0)} µs.`,
  ].join('\n');
