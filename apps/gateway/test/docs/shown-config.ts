import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { read, repository } from './repository.js';

/** A config that a page shows, made whole enough for `check`. */
export interface ShownConfig {
  readonly page: string;
  /** Which of the page's it is, from 1. */
  readonly number: number;
  readonly yaml: string;
  /** Values for its `{ env: NAME }`; a comment behind it may show one. */
  readonly env: Readonly<Record<string, string>>;
  /** The files that it names, relative to the config's folder. */
  readonly files: readonly string[];
}

const hash = '{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$98I52pvRDh4pIZGKM1Qj+w$IxvUCWLbVjXBsq9kxkOUmgKssIDqooMxf9HZMMbIg8s';
const backends = 'backends: { mail-a: { host: 10.0.0.11 }, mail-b: { host: 10.0.0.12 } }\n';
const people = `  - use: static\n    as: somebody\n    with: { users: { 'ann@example.org': '${hash}' } }\n`;
const hashRouter = '  - use: hash\n    as: everybody\n    with: { over: [mail-a, mail-b] }\n';

/** README.md and all pages below docs/. */
const pages = (): readonly string[] => [
  'README.md',
  ...readdirSync(join(repository, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
    .sort(),
];

/** Every config with plugins that the documentation shows, also those that show a part of the list only. */
export const shownConfigs = (): readonly ShownConfig[] =>
  pages().flatMap((page) =>
    [...read(page).matchAll(/```yaml\n(.*?)```/gs)]
      .map(([, yaml = '']) => yaml)
      .filter((yaml) => /^(?:plugins:|- use:)/m.test(yaml))
      .map((yaml, index) => ({ page, number: index + 1, ...prepared(yaml) })),
  );

const prepared = (shown: string): Pick<ShownConfig, 'yaml' | 'env' | 'files'> => {
  const yaml = local(whole(withoutOutside(shown)));
  const env = Object.fromEntries(
    [...yaml.matchAll(/\{ env: (\w+) \}(?: # (\S+))?/g)].map(([, name = '', value]) => [name, value ?? madeUp(name)]),
  );
  const named = /(?:\b(?:file|ca|cert|key|clientCa): |sqlite:)([\w./-]+)/g;
  return { yaml, env, files: [...yaml.matchAll(named)].map(([, file = '']) => file) };
};

const madeUp = (name: string): string => (name.endsWith('_DSN') ? 'postgres://postern:secret@127.0.0.1/mail' : 'a secret');

const whole = (yaml: string): string => {
  if (/^backends:/m.test(yaml)) return yaml;
  const list = yaml.startsWith('- use:') ? `plugins:\n${yaml.replaceAll(/^/gm, '  ').trimEnd()}\n` : yaml;
  const hasStore = /^ {2}- use: (?!table|hash|domain|permit)/m.test(list);
  return `${backends}${list}${hasStore ? '' : people}${hashRouter}`;
};

/** An outside plugin is loaded by a real Node in other tests; here it would need the test runner's module loader. */
const withoutOutside = (yaml: string): string => yaml.replaceAll(/^ {2}- use: (?:\.\/|postern-).*\n(?: {4}.*\n)*/gm, '');

/** Absolute paths become paths in the config's folder; a hash that the page cuts short is a whole one. */
const local = (yaml: string): string =>
  yaml.replaceAll(/'\{ARGON2ID\}[^']*…'/g, `'${hash}'`).replaceAll(/(?<=[ :])\/(?:etc|mailu|run)\/(?:[\w.-]+\/)*/g, '');
