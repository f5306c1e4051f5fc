import { setImmediate } from 'node:timers/promises';
import { examine, type SchemeRules } from '@postern/passwords';
import type { Line } from './line-formats.js';
import type { User } from './user.js';
import { userKey } from './user-key.js';
import { UserList } from './user-list.js';
import { UsualCost } from './usual-cost.js';

/** Something about one line, for the operator. Holds nothing of what the line says. */
export interface Remark {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** A file that cannot be used as it is. The message lists the lines. */
export class UsersFileError extends Error {
  override readonly name = 'UsersFileError';
  readonly remarks: readonly Remark[];

  constructor(remarks: readonly Remark[]) {
    super(`the file of users cannot be used: ${inWords(remarks)}`);
    this.remarks = remarks;
  }
}

/** The first ten, and how many more there are. */
export const inWords = (remarks: readonly Remark[]): string => {
  const first = remarks.slice(0, 10).map(({ line, message }) => `line ${line}: ${message}`);
  return remarks.length > 10 ? `${first.join('; ')}; and ${remarks.length - 10} more` : first.join('; ');
};

export interface UsersFileRules {
  readonly schemes: SchemeRules;
  readonly readLine: (line: string) => Line;
  /** Added to names that have none. */
  readonly domain: string | undefined;
}

export interface UsersFile {
  readonly users: UserList;
  /** Lines whose users cannot log in with a password as they are. */
  readonly warnings: readonly Remark[];
}

/** Bytes that are read before the event loop gets a turn: some milliseconds. */
const bytesAtOnce = 65_536;

/** Throws `UsersFileError` for a file with any line that cannot be read, for a user told twice, and for a file without users. */
export const readUsersFile = async (content: Uint8Array, rules: UsersFileRules): Promise<UsersFile> => {
  const reader = new Reader(rules);
  // UTF-8 and nothing else: a login read with a wrong letter would be somebody else. A byte order mark is taken off.
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let begin = 0; begin < content.length; begin += bytesAtOnce) {
    const piece = content.subarray(begin, begin + bytesAtOnce);
    try {
      reader.read(decoder.decode(piece, { stream: begin + bytesAtOnce < content.length }));
    } catch {
      return reader.refuse(piece);
    }
    await setImmediate();
  }
  return reader.end();
};

class Reader {
  readonly #rules: UsersFileRules;
  readonly #users = new Map<string, User>();
  readonly #lineOf = new Map<string, number>();
  readonly #usual = new UsualCost();
  readonly #problems: Remark[] = [];
  readonly #warnings: Remark[] = [];
  #line = 0;
  #begun = '';

  constructor(rules: UsersFileRules) {
    this.#rules = rules;
  }

  /** The text that follows; a line that is not at its end yet waits for the rest. */
  read(text: string): void {
    const lines = (this.#begun + text).split('\n');
    this.#begun = lines.pop() ?? '';
    for (const line of lines) this.#readLine(line);
  }

  /** What follows is not written in UTF-8. */
  refuse(bytes: Uint8Array): never {
    const [good = ''] = Buffer.from(bytes).toString('utf8').split('\ufffd', 1);
    const line = this.#line + good.split('\n').length;
    throw new UsersFileError([...this.#problems, { line, message: 'it is not written in UTF-8' }]);
  }

  end(): UsersFile {
    this.#readLine(this.#begun);
    if (this.#problems.length > 0) throw new UsersFileError(this.#problems);
    // An editor that empties a file before it writes must not make everybody's password look wrong.
    if (this.#users.size === 0) throw new UsersFileError([{ line: 1, message: 'there is no user in it' }]);
    return { users: new UserList(this.#users, this.#usual.stored), warnings: this.#warnings };
  }

  #readLine(text: string): void {
    this.#line += 1;
    const line = text.endsWith('\r') ? text.slice(0, -1) : text;
    if (line === '' || line.startsWith('#')) return;
    try {
      this.#add(this.#line, this.#rules.readLine(line));
    } catch (error) {
      this.#problems.push({ line: this.#line, message: (error as Error).message });
    }
  }

  #add(line: number, { name, stored, extra }: Line): void {
    const key = userKey(name, this.#rules.domain);
    if (key === undefined) throw new Error('there is no login before the first colon');
    const twin = this.#lineOf.get(key);
    if (twin !== undefined) throw new Error(`the user of line ${twin} is told a second time`);
    if (extra.remark !== undefined) this.#warnings.push({ line, message: extra.remark });
    this.#lineOf.set(key, line);
    this.#users.set(key, {
      account: { user: extra.user ?? key, attributes: extra.attributes, ...(extra.backend && { backend: extra.backend }) },
      stored: this.#usable(line, stored),
      enabled: extra.enabled,
      ...(extra.admits && { admits: extra.admits }),
    });
  }

  #usable(line: number, stored: string): string {
    if (stored === '') return '';
    const { scheme, problem, cost } = examine(stored, this.#rules.schemes);
    if (problem !== undefined) this.#warnings.push({ line, message: problem });
    if (scheme === 'LOCKED') return '';
    this.#usual.note(cost, stored);
    return stored;
  }
}
