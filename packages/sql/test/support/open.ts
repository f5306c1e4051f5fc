import { setMaxListeners } from 'node:events';
import { bindConfig } from '@postern/contract';
import { CapturedLog, LiveClock } from '@postern/testkit';
import { Database, databaseFields, statementFrom, type Bindings, type Dialect, type Statement } from '@postern/sql';
import { z } from 'zod';

const config = z.strictObject(databaseFields);

export interface Opened {
  readonly database: Database;
  readonly clock: LiveClock;
  readonly log: CapturedLog;
}

/** A database as a plugin opens it; a server that is well may be slow, and an outage must not take long. */
export const open = (url: string | readonly string[], more: object = {}, writes = false, directory = process.cwd()): Opened => {
  const parsed = config.parse({ url, timeout: '2s', connectTimeout: '2s', ...more });
  const problems = bindConfig(parsed, { directory, env: {} });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const [clock, log] = [new LiveClock(), new CapturedLog()];
  return { database: new Database(parsed, { clock, log }, writes), clock, log };
};

export const ask = (text: string, dialect: Dialect): Statement => statementFrom(text, dialect, ['a', 'b', 'c']);

export const bound = (values: Readonly<Record<string, string | null>> = {}): Bindings => new Map(Object.entries(values));

export const never = new AbortController().signal;
setMaxListeners(0, never);
