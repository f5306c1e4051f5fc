// Tables: for a terminal as they are, for the docs the same.
import { machineText } from './machine.mjs';

const whole = (number) => Math.round(number).toLocaleString('en-US');
const two = (number) => number.toFixed(2);
const three = (number) => number.toFixed(3);
const range = ({ median, least, greatest }, format) => `${format(median)} (${format(least)}–${format(greatest)})`;

export const table = (head, rows) =>
  [head, head.map((_, index) => (index === 0 ? '---' : '---:')), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

export const throughputText = ({ rows, bars, cpus }, { nodeVersion, rounds, seconds, date }) =>
  [
    `${date}, Node ${nodeVersion}, ${machineText()}; ${cpus}. ${rounds} interleaved rounds of ${seconds} s, 50 clients, one new HTTP/1.0 connection per request. Medians, in brackets the least and the greatest.`,
    '',
    table(
      ['server', 'requests/s', 'per second of its CPU', 'µs of CPU each', 'busy', '× bare node:http', 'the same by CPU', 'unanswered'],
      rows.map(({ name, rate, capacity, busy, unanswered, toHttp }) => [
        name,
        range(rate, whole),
        capacity === undefined ? '–' : range(capacity, whole),
        capacity === undefined ? '–' : whole(1e6 / capacity.median),
        busy === undefined ? '–' : `${Math.round(busy * 100)} %`,
        toHttp.rate === undefined ? '–' : range(toHttp.rate, two),
        toHttp.capacity === undefined ? '–' : range(toHttp.capacity, two),
        String(unanswered),
      ]),
    ),
    '',
    table(
      ['bar', 'by requests/s', 'by CPU', 'judged by', ''],
      bars.map(({ over, under, least, by, rate, capacity, met }) => [
        `${over} ≥ ${two(least)} × ${under}`,
        range(rate, two),
        capacity === undefined ? '–' : range(capacity, two),
        by === 'rate' ? 'requests/s' : 'CPU (a server was not the limit)',
        met ? 'met' : '**missed**',
      ]),
    ),
  ].join('\n');

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

export const memoryText = ({ samples, growth, limit, met }, { nodeVersion, date }) =>
  [
    `${date}, Node ${nodeVersion}: resident memory of the gateway after so many answers (nginx door).`,
    '',
    table(
      ['answers', 'resident'],
      samples.map(({ answers, resident }) => [whole(answers), megabytes(resident)]),
    ),
    '',
    `Growth from the first line to the last: ${megabytes(growth)}; at most ${megabytes(limit)}: ${met ? 'met' : '**missed**'}.`,
  ].join('\n');

export const routersText = (results, { nodeVersion, date }) =>
  [
    `${date}, Node ${nodeVersion}, one process.`,
    '',
    table(
      ['what', 'measured', 'bar', ''],
      results.map(({ what, value, limit, unit, met }) => [
        what,
        `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`,
        `< ${limit} ${unit}`,
        met ? 'met' : '**missed**',
      ]),
    ),
  ].join('\n');

export const passwordsText = ({ costs, loop }, { nodeVersion, date }) =>
  [
    `${date}, Node ${nodeVersion}, ${machineText()}. Milliseconds for one answer of \`static\`, one at a time; medians, in brackets the least and the greatest.`,
    '',
    table(
      ['scheme', 'wrong password', 'unknown user', 'unknown ÷ wrong', 'the same by CPU', 'bar: within 10 % or 10 µs'],
      costs.map(({ name, wrong, unknown, ratio, byCpu, met }) => [
        name,
        range(wrong, three),
        range(unknown, three),
        two(ratio),
        two(byCpu),
        met ? 'met' : '**missed**',
      ]),
    ),
    '',
    table(
      ['while these logins are on their way', 'cheap logins', 'median', 'p99', 'worst', `bar: p99 < ${loop[0].limit} ms`],
      loop.map(({ name, count, median, p99, worst, met }) => [
        name,
        whole(count),
        `${two(median)} ms`,
        `${two(p99)} ms`,
        `${two(worst)} ms`,
        met ? 'met' : '**missed**',
      ]),
    ),
  ].join('\n');

const perEntry = (bytes, entries) => `${Math.round(bytes / entries)} bytes each`;

const waits = ({ median, p99, worst }) => `median ${two(median)} ms, p99 ${two(p99)} ms, worst ${two(worst)} ms`;

export const cacheText = ({ memory, alone, asked, kept, least, bars }, { nodeVersion, date }) =>
  [
    `${date}, Node ${nodeVersion}, ${machineText()}; ${kept.cpus}. Medians, in brackets the least and the greatest.`,
    '',
    table(
      ['what', 'measured'],
      [
        [
          `${whole(memory.entries)} successes`,
          `${megabytes(memory.heap)}, ${perEntry(memory.heap, memory.entries)}; the whole process ${megabytes(memory.resident)}`,
        ],
        [`${whole(memory.noes)} noes`, `${megabytes(memory.noHeap)}, ${perEntry(memory.noHeap, memory.noes)}`],
        ['a success from memory', `${range(memory.hit, two)} µs`],
        ['a no from memory', `${range(memory.negative, two)} µs`],
        ['argon2id user, store alone, 4 at once', `${range(alone.asked, whole)} logins/s`],
        ['the same with the cache around it', `${range(alone.kept, whole)} logins/s`],
        ['argon2id users through the nginx door, asked', `${whole(asked.rate)} logins/s`],
        ['the same with the cache warm', `${range(kept.rate, whole)} logins/s`],
        ['the same at 1,000 logins/s', waits(kept)],
        ['a bare node:net handler that checks nothing, at 1,000 requests/s', waits(least)],
      ],
    ),
    '',
    table(
      ['bar', 'measured', '', ''],
      bars.map(({ what, value, limit, unit, met }) => [
        what,
        `${unit === '×' ? whole(value) : two(value)} ${unit}`,
        limit,
        met ? 'met' : '**missed**',
      ]),
    ),
  ].join('\n');

const judged = (met) => (met === undefined ? 'not measured: it is not installed' : met ? 'met' : '**missed**');

/** Without `least` there is nothing to judge. */
const barRow = ({ over, under, least, ratio, met }) => [
  least === undefined ? `${over}, × ${under}` : `${over} ≥ ${two(least)} × ${under}`,
  ratio === undefined ? '–' : range(ratio, two),
  least === undefined ? 'for comparison' : judged(met),
];

export const storesText = ({ results, cpus }, { nodeVersion, rounds, seconds, date }) =>
  [
    `${date}, Node ${nodeVersion}, ${machineText()}; ${cpus}, together with the servers that are asked. ${rounds} interleaved rounds of ${seconds} s. Medians, in brackets the least and the greatest.`,
    ...results.flatMap(({ rows }) => [
      '',
      table(
        ['who', 'logins/s', 'per second of its CPU', 'busy', `× ${rows[0].name}`, "× Dovecot's auth"],
        rows.map(({ name, rate, capacity, busy, toBare, toDovecot }) => [
          name,
          range(rate, whole),
          range(capacity, whole),
          `${Math.round(busy.median * 100)} %`,
          range(toBare, two),
          toDovecot === undefined ? '–' : range(toDovecot, two),
        ]),
      ),
    ]),
    '',
    table(
      ['bar', 'measured', ''],
      results.flatMap(({ bars }) => bars.map(barRow)),
    ),
  ].join('\n');

export const loginsText = ({ rows, bars }, { nodeVersion, rounds, seconds, date }) =>
  [
    `${date}, Node ${nodeVersion}, ${machineText()}; nothing pinned, load, proxies and backend share the CPUs. ${rounds} interleaved rounds of ${seconds} s, 50 clients, a new connection a login. Medians, in brackets the least and the greatest.`,
    '',
    table(
      ['who lets the client in', 'logins/s'],
      rows.map(({ name, rate }) => [name, range(rate, whole)]),
    ),
    '',
    table(['bar', 'measured', ''], bars.map(barRow)),
  ].join('\n');

export const workersText = ({ rows, ratio, least, met }, { nodeVersion, rounds, seconds, date }) =>
  [
    `${date}, Node ${nodeVersion}, ${machineText()}; nothing pinned, the load generator on the same CPUs. ${rounds} interleaved rounds of ${seconds} s, 50 clients, the nginx door. Medians, in brackets the least and the greatest.`,
    '',
    table(
      ['workers', 'requests/s', 'CPUs of the gateway', 'CPUs of the load', 'CPUs idle', 'µs of CPU each'],
      rows.map(({ count, rate, busy, loadBusy, idle, micros }) => [
        String(count),
        range(rate, whole),
        range(busy, two),
        range(loadBusy, two),
        range(idle, two),
        range(micros, whole),
      ]),
    ),
    '',
    `Two workers ${range(ratio, two)} × one; bar ${two(least)}: ${judged(met)}.`,
  ].join('\n');

const beside = ({ median, ratio, t }) => `${three(median)} (${two(ratio)}, t = ${t.toFixed(1)})`;

export const timingText = ({ samplesEach, results }, { nodeVersion, date }) =>
  [
    `${date}, Node ${nodeVersion}, ${machineText()}. Milliseconds for one wrong password at a store, one at a time, none of them twice; medians of ${whole(samplesEach)} each, taking turns. In brackets the ratio of the medians, and Welch’s t of the means.`,
    '',
    table(
      ['store', 'cache', 'wrong password', 'unknown user', 'disabled user', 'bar: both within 10 % or 10 µs'],
      results.map(({ name, cached, wrong, unknown, disabled, met }) => [
        name,
        cached ? 'yes' : 'no',
        three(wrong),
        beside(unknown),
        beside(disabled),
        met === undefined ? 'for comparison' : judged(met),
      ]),
    ),
  ].join('\n');

const milliseconds = (number) => `${number.toFixed(1)} ms`;

export const outageText = ({ fallen, saturated, bars, met }, { nodeVersion, date }) =>
  [
    `${date}, Node ${nodeVersion}, ${machineText()}. The kernel by itself, with stores that only wait.`,
    '',
    table(
      ['store A falls silent; B’s users', 'p99 before', 'p99 of the onset', 'p99 while it is out', 'not let in'],
      ['guarded', 'unguarded'].flatMap((name) =>
        fallen[name].map(({ before, onset, during, lost }) => [name, ...[before, onset, during].map(milliseconds), whole(lost)]),
      ),
    ),
    '',
    table(
      ['load, of what the store can do', 'let in per second', 'their p99', 'the longest answer', 'without a guard', 'their p99'],
      saturated.guarded.rates.map(({ times, perSecond, p99, longest }, index) => {
        const bare = saturated.unguarded.rates[index];
        return [`${times} ×`, whole(perSecond), `${p99} ms`, `${longest} ms`, whole(bare.perSecond), `${bare.p99} ms`];
      }),
    ),
    '',
    table(
      ['bar', 'measured', ''],
      [
        ['p99 of B’s users while A is out ≤ 1.2 × before', `${two(bars.slowed)} ×`, judged(bars.slowed <= 1.2)],
        ['let in at 2 × saturation ≥ 0.85 × the peak', `${two(bars.goodput)} ×`, judged(bars.goodput >= 0.85)],
      ],
    ),
    ...(met ? [] : ['', '**Missed.**']),
  ].join('\n');

export const severalText = ({ flush, limits, tries }, { nodeVersion, date }) =>
  [
    `${date}, Node ${nodeVersion}, ${machineText()}. Three gateways on one Redis, all on this machine.`,
    '',
    table(
      ['what', 'measured', 'bar', ''],
      [
        [
          `flush of one user at one gateway until the old password is dead at all three, ${flush.times} times`,
          `median ${milliseconds(flush.median)}, longest ${milliseconds(flush.greatest)}`,
          '< 1 s',
          judged(flush.met),
        ],
        [
          `wrong passwords let through of ${tries * 3}, limit ${tries}, twelve at a time over all three, ${limits.times} users`,
          `median ${limits.median}, from ${limits.least} to ${limits.greatest}`,
          'within 10 %',
          judged(limits.met),
        ],
      ],
    ),
  ].join('\n');
