import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { asciiDomain, splitUser } from '@postern/contract';
import type { ResolvedConfig, ResolvedUse } from '@postern/kernel';
import type { User } from './users.js';

/** What the configs themselves say of who there is. */
export interface NamedUsers {
  readonly logins: readonly string[];
  /** Sorted. */
  readonly domains: readonly string[];
  /** All answering stores are lists that were read, so there is nobody else. */
  readonly complete: boolean;
}

/** How many made-up users there are in a sample. */
const sampleSize = 10_000;

/** Stands for every domain that no config names. */
export const otherDomain = 'any-other-domain.invalid';

/** The logins and domains that configs name: lists of users, keys of tables, routes, conditions. */
export const namedUsers = async (configs: readonly ResolvedConfig[]): Promise<NamedUsers> => {
  const named = await Promise.all(configs.map(namesOf));
  const names = named.flat();
  const logins = new Set(names.filter(({ isLogin }) => isLogin).map(({ name }) => name));
  const domains = new Set(names.map(({ name }) => domainOf(name)).filter((domain) => domain?.includes('.') === true));
  const complete = logins.size > 0 && configs.every(({ plugins }) => plugins.filter(answers).every(({ use }) => use === 'static'));
  return { logins: [...logins], domains: [...domains].filter((domain) => domain !== undefined).sort(), complete };
};

interface Name {
  readonly name: string;
  readonly isLogin: boolean;
}

const namesOf = async (config: ResolvedConfig): Promise<readonly Name[]> => {
  const uses = config.plugins.filter(({ mode }) => mode !== 'off');
  const listed = await Promise.all(uses.map((use) => listedIn(config, use)));
  const keys = [...domainsOf(config), ...uses.flatMap((use) => keysOf(config, use))];
  return [...keys.map((name) => ({ name, isLogin: name.includes('@') })), ...listed.flat().map((name) => ({ name, isLogin: true }))];
};

/** Of a route for all domains below one: some domain below it. */
const domainOf = (name: string): string | undefined =>
  asciiDomain(name.includes('@') ? splitUser(name).domain : name.replace(/^\*\./, 'any.'));

/** Everybody the configs name, then the sample where others may be there, too. */
export function* usersToCompare({ logins, domains, complete }: NamedUsers): Generator<readonly User[]> {
  yield logins.map((login): User => ({ login }));
  if (complete) return;
  const suffixes = [...domains, otherDomain].map((domain) => `@${domain}`);
  for (let from = 0; from < sampleSize; from += 1000) {
    yield Array.from({ length: 1000 }, (_, index): User => {
      const number = from + index;
      return { login: `user-${number + 1}${suffixes[number % suffixes.length] ?? ''}`, madeUp: true };
    });
  }
}

const answers = ({ plugin, mode }: ResolvedUse): boolean => plugin.role === 'credential-store' && mode === 'answer';

const domainsOf = ({ core }: ResolvedConfig): readonly string[] => {
  const { defaultDomain, domainAliases } = core.identity;
  const routed = core.nginx.none?.domains ?? [];
  return [...(defaultDomain === undefined ? [] : [defaultDomain]), ...Object.keys(domainAliases), ...routed];
};

const listKeys: ReadonlyMap<string, string> = new Map([
  ['table', 'map'],
  ['domain', 'routes'],
]);

/** Keys of a table or of routes, and domains of the condition. */
const keysOf = (config: ResolvedConfig, use: ResolvedUse): readonly string[] => {
  const options = writtenOptions(config, use);
  const conditional = [use.when?.domain ?? []].flat();
  return [...conditional, ...keysIn(options[listKeys.get(use.use) ?? '']).filter((key) => !key.startsWith('/') && key !== '*')];
};

/** The users of a store that is a list. What cannot be read now, the store itself will tell of. */
const listedIn = async (config: ResolvedConfig, use: ResolvedUse): Promise<readonly string[]> => {
  if (use.use !== 'static') return [];
  const { users, file, domain } = writtenOptions(config, use);
  const names = typeof file === 'string' ? await namesIn(resolve(dirname(config.file), file)) : keysIn(users);
  return names.map((name) => (typeof domain === 'string' && !name.includes('@') ? `${name}@${domain}` : name));
};

/** Of a passwd-file or htpasswd file: what stands before the first colon. */
const namesIn = async (path: string): Promise<readonly string[]> => {
  const text = await readFile(path, 'utf8').catch(() => '');
  const lines = text.split(/\r?\n/).filter((line) => line.includes(':') && !line.startsWith('#'));
  return lines.map((line) => line.slice(0, line.indexOf(':'))).filter((name) => name !== '');
};

type Data = Readonly<Record<string, unknown>>;

const isData = (value: unknown): value is Data => typeof value === 'object' && value !== null && !Array.isArray(value);
const keysIn = (value: unknown): readonly string[] => (isData(value) ? Object.keys(value) : []);

/** Only keys and paths are taken from here: values may be secrets. */
const writtenOptions = (config: ResolvedConfig, { index }: ResolvedUse): Data => {
  const { plugins } = config.written.reveal();
  const entry: unknown = Array.isArray(plugins) ? plugins[index] : undefined;
  const options = isData(entry) ? entry['with'] : undefined;
  return isData(options) ? options : {};
};
