import { existsSync } from 'node:fs';
import type { Value } from '@postern/sql';
import {
  noFacts,
  type DayFacts,
  type DomainFacts,
  type FactsWanted,
  type LedgerFacts,
  type ListedUser,
  type StepFacts,
  type UserList,
} from './facts.js';
import { tables } from './schema.js';
import { Shelf, type ShelfParts } from './shelf.js';
import { readName, storedName } from './stored-name.js';

/** Letters; one of them takes nine bytes at most. */
const longestReason = 220;
const mostSteps = 50;

/** Reads the book, wherever it is written from. */
export class LedgerReader {
  readonly #shelf: Shelf;
  readonly #file: string | undefined;

  /** Throws when the URL cannot be understood. Opens nothing. */
  constructor(parts: ShelfParts) {
    this.#shelf = new Shelf(parts);
    this.#file = parts.url.startsWith('sqlite:') ? parts.url.slice('sqlite:'.length) : undefined;
  }

  /** Throws when the book cannot be read. One that is not there yet is empty. */
  async facts(wanted: FactsWanted, signal: AbortSignal): Promise<LedgerFacts> {
    if (this.#file !== undefined && !existsSync(this.#file)) return noFacts;
    await this.#shelf.prepare(signal);
    const query = async (text: string, values: readonly string[] = []): Promise<readonly (readonly Value[])[]> =>
      (await this.#shelf.query(text, values, signal)).rows;
    const most = String(Math.trunc(wanted.most));
    const list = async (where: string, values: readonly string[], order: string): Promise<UserList> => {
      const [total] = await query(`select count(*) from ${tables.users} where ${where}`, values);
      const columns = 'user_name, last_seen, compared_kind, compared_since';
      const rows = await query(`select ${columns} from ${tables.users} where ${where} order by ${order} limit ${most}`, values);
      return { total: numberOf(total?.[0]), users: rows.map(userOf) };
    };
    const [begun] = await query(`select min(first_seen) from ${tables.users}`);
    const [disabled] = await query(`select count(distinct user_name) from ${tables.disabled}`);
    const stepsText = `select at, step, reason from ${tables.steps} order by at desc limit ${mostSteps}`;
    return {
      begun: begun?.[0] === null || begun?.[0] === undefined ? undefined : Number(begun[0]),
      domains: (await query(domainsText, [wanted.activeSince, wanted.matchingSince].map(String).concat(wanted.into))).map(domainOf),
      days: (await query(daysText, [wanted.firstDay])).map(dayOf),
      mismatching: await list("compared_class = 'mismatch'", [], 'compared_since, user_name'),
      dormant: await list('last_seen > 0 and last_seen < {v0}', [String(wanted.activeSince)], 'last_seen, user_name'),
      left: await list(
        "captured_into <> {v0} and last_store <> {v1} and compared_class <> 'match'",
        [wanted.into, wanted.into],
        'last_seen, user_name',
      ),
      disabled: numberOf(disabled?.[0]),
      disabledInOld: await list(`${disabledIn('{v0}')} and not ${disabledIn('{v1}')}`, [wanted.from, wanted.into], 'user_name'),
      steps: (await query(stepsText)).map(stepOf),
    };
  }

  /** Which of the users `into` can answer: captured there, answered by it, or the same in both stores. */
  async settled(users: readonly string[], into: string, signal: AbortSignal): Promise<ReadonlySet<string>> {
    if (this.#file !== undefined && !existsSync(this.#file)) return new Set();
    await this.#shelf.prepare(signal);
    const text =
      `select count(*) from ${tables.users} where user_name = {v0} and ` +
      "(captured_into = {v1} or last_store = {v2} or compared_class = 'match')";
    const found = new Set<string>();
    for (const user of users) {
      const name = storedName(user);
      if (name === undefined) continue;
      const { rows } = await this.#shelf.query(text, [name, into, into], signal);
      if (numberOf(rows[0]?.[0]) > 0) found.add(user);
    }
    return found;
  }

  /** Writes down that a step was taken, and why. */
  addStep(at: number, step: string, reason: string, signal: AbortSignal): Promise<void> {
    return this.#shelf.addStep(at, step, storedReason(reason), signal);
  }

  close(): Promise<void> {
    return this.#shelf.close(AbortSignal.timeout(1000));
  }
}

const disabledIn = (store: string): string =>
  `exists (select 1 from ${tables.disabled} d where d.user_name = ${tables.users}.user_name and d.store = ${store})`;

const count = (condition: string): string => `sum(case when ${condition} then 1 else 0 end)`;
const active = 'last_seen >= {v0} and last_seen > 0';
const captured = 'captured_into = {v2}';

const domainsText = [
  'select domain_name, count(*)',
  count(active),
  count(`${active} and ${captured}`),
  count(`${active} and (${captured} or compared_class = 'match')`),
  count("compared_class <> ''"),
  count("compared_class = 'match'"),
  count("compared_class = 'match' and compared_since <= {v1}"),
  count("compared_class = 'mismatch'"),
  count("compared_kind = 'attributes'"),
  `${count('last_seen > 0 and last_seen < {v0}')} from ${tables.users} group by domain_name order by domain_name`,
].join(', ');

const daysText =
  `select day, domain_name, store, other, kind, events, store_ms, other_ms from ${tables.days} ` +
  'where day >= {v0} order by day, domain_name, store, other, kind';

const numberOf = (value: Value | undefined): number => Number(value ?? 0);

const domainOf = ([domain, ...numbers]: readonly Value[]): DomainFacts => {
  const [users, activeUsers, capturedUsers, covered, compared, matching, matchingLong, mismatching, attributes, dormant] =
    numbers.map(numberOf);
  return {
    domain: readName(domain ?? ''),
    users: users ?? 0,
    active: activeUsers ?? 0,
    captured: capturedUsers ?? 0,
    covered: covered ?? 0,
    compared: compared ?? 0,
    matching: matching ?? 0,
    matchingLong: matchingLong ?? 0,
    mismatching: mismatching ?? 0,
    attributes: attributes ?? 0,
    dormant: dormant ?? 0,
  };
};

const dayOf = ([day, domain, store, other, kind, events, storeMs, otherMs]: readonly Value[]): DayFacts => ({
  ...{ day: day ?? '', domain: readName(domain ?? ''), store: store ?? '', other: other ?? '', kind: kind ?? '' },
  ...{ events: numberOf(events), storeMs: numberOf(storeMs), otherMs: numberOf(otherMs) },
});

const userOf = ([user, lastSeen, comparedKind, comparedSince]: readonly Value[]): ListedUser => ({
  user: readName(user ?? ''),
  lastSeen: numberOf(lastSeen),
  comparedKind: comparedKind ?? '',
  comparedSince: numberOf(comparedSince),
});

const stepOf = ([at, step, reason]: readonly Value[]): StepFacts => ({
  at: numberOf(at),
  step: readName(step ?? ''),
  reason: readName(reason ?? ''),
});

/** As names are kept; what is cut off is shown by dots. */
const storedReason = (reason: string): string => {
  const cut = reason.length > longestReason ? `${reason.slice(0, longestReason)}…` : reason;
  return encodeURIComponent(cut.replaceAll(/\p{Cs}/gu, '\ufffd')).slice(0, 2048);
};
