import type { Advice, ConfigPath } from '@postern/contract';
import type { DatabaseUrl } from './database-url.js';
import type { Dialect } from './dialect.js';
import { statementFrom, TemplateError, type Statement } from './statement.js';

export type Compiled =
  { readonly kind: 'statement'; readonly statement: Statement } | { readonly kind: 'problem'; readonly advice: Advice };

/** The dialect of a list of URLs. PostgreSQL where none could be read: that is told elsewhere. */
export const dialectOf = (urls: readonly DatabaseUrl[]): Dialect =>
  urls.find(({ dialect }) => dialect !== undefined)?.dialect ?? 'postgres';

/** A statement from a config, or what `check` says of it. `path`: where it stands. */
export const compiled = (template: string, urls: readonly DatabaseUrl[], variables: readonly string[], path: ConfigPath): Compiled => {
  try {
    return { kind: 'statement', statement: statementFrom(template, dialectOf(urls), variables) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { kind: 'problem', advice: { path, severity: 'error', message: `${error.message}.`, hint: error.hint } };
  }
};

/** What can be said of the database's options without a network. `at`: where they stand. */
export const adviceOnDatabase = (
  { url, tls }: { readonly url: readonly DatabaseUrl[]; readonly tls?: unknown },
  at: ConfigPath = [],
): readonly Advice[] => {
  const dialects = new Set(url.flatMap(({ dialect }) => dialect ?? []));
  const advice: Advice[] = [];
  if (dialects.size > 1) {
    const message = `the URLs are of different kinds: ${[...dialects].join(', ')}.`;
    advice.push({
      path: [...at, 'url'],
      severity: 'error',
      message,
      hint: 'List servers with the same data; use two stores for two databases.',
    });
  }
  if (dialects.has('sqlite') && tls !== undefined && tls !== false) {
    advice.push({ path: [...at, 'tls'], severity: 'warning', message: 'a file has no TLS.', hint: 'Leave tls out.' });
  }
  if (url.some((one) => contradicts(one, tls))) {
    const message = 'the URL says sslmode=disable, and tls demands TLS; tls wins.';
    advice.push({ path: [...at, 'tls'], severity: 'warning', message, hint: 'Take one of the two away.' });
  }
  return advice;
};

const contradicts = (url: DatabaseUrl, tls: unknown): boolean =>
  tls !== undefined && tls !== false && url.dialect !== undefined && url.address.dialect !== 'sqlite' && url.address.tls === false;
