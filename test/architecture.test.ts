import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..');

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Who may know whom (the table of `docs/architecture.md`). Our own packages only; dependencies point down. */
const mayKnow: Readonly<Record<string, readonly string[]>> = {
  'packages/contract': [],
  'packages/auth-http': ['contract'],
  'packages/passwords': [],
  'packages/kernel': ['auth-http', 'contract'],
  'packages/ledger': ['contract', 'sql'],
  'packages/pool': ['contract'],
  'packages/redis-state': ['contract'],
  'packages/sql': ['contract', 'pool'],
  'packages/testkit': ['contract'],
  'plugins/credential-imap': ['contract'],
  'plugins/credential-ldap': ['contract', 'passwords', 'pool'],
  'plugins/credential-passport': ['contract'],
  'plugins/credential-sql': ['contract', 'passwords', 'sql'],
  'plugins/credential-static': ['contract', 'passwords'],
  'plugins/policy-cache': ['contract'],
  'plugins/policy-capture': ['contract', 'passwords'],
  'plugins/policy-permit': ['contract'],
  'plugins/policy-throttle': ['contract'],
  'plugins/router-domain': ['contract'],
  'plugins/router-hash': ['contract'],
  'plugins/router-table': ['contract', 'sql'],
  'apps/gateway': [
    'auth-http',
    'contract',
    'credential-imap',
    'credential-ldap',
    'credential-passport',
    'credential-sql',
    'credential-static',
    'kernel',
    'ledger',
    'passwords',
    'policy-cache',
    'policy-capture',
    'policy-permit',
    'policy-throttle',
    'redis-state',
    'router-domain',
    'router-hash',
    'router-table',
    // Optional: only `postern verify` loads it.
    'testkit',
  ],
};

/** Libraries that one place alone may import. */
const confined: Readonly<Record<string, RegExp>> = {
  tsyringe: /^apps\/gateway\/src\/compose\.ts$/,
  'reflect-metadata': /^apps\/gateway\/src\/main\.ts$/,
  express: /^apps\/gateway\/src\/(doors|operator)\//,
  'prom-client': /^apps\/gateway\/src\/metrics\//,
  pino: /^apps\/gateway\/src\/logging\//,
  commander: /^apps\/gateway\/src\/cli\//,
  'csv-parse': /^apps\/gateway\/src\/cli\/import\/csv\.ts$/,
  pg: /^packages\/sql\/src\/dialects\/postgres\.ts$/,
  mysql2: /^packages\/sql\/src\/dialects\/mysql\.ts$/,
  libsql: /^packages\/sql\/src\/dialects\/sqlite\.ts$/,
  ioredis: /^packages\/redis-state\/src\/clients\.ts$/,
  '@postern/testkit': /^apps\/gateway\/src\/cli\/verify\/conformance\.ts$/,
  ldapjs: /^plugins\/credential-ldap\/src\/directory\.ts$/,
};

const folders = ['packages', 'plugins', 'apps']
  .flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`))
  .sort();

const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;

const ours = (dependencies: Readonly<Record<string, string>> = {}): string[] =>
  Object.keys(dependencies)
    .filter((name) => name.startsWith('@postern/'))
    .map((name) => name.slice('@postern/'.length));

const sources = (folder: string): string[] =>
  readdirSync(join(root, folder, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/src/${name}`);

const importsOf = (file: string): string[] =>
  [
    ...readFileSync(join(root, file), 'utf8').matchAll(
      /^(?:import|export)\b[^;]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm,
    ),
  ].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '');

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

describe('the architecture', () => {
  it('has exactly the rooms that the table names', () => {
    expect(folders).toEqual(Object.keys(mayKnow).sort());
  });

  it.each(folders)('%s knows only who it may know', (folder) => {
    const { dependencies, peerDependencies } = manifestOf(folder);
    expect([...new Set([...ours(dependencies), ...ours(peerDependencies)])].sort()).toEqual(mayKnow[folder]);
  });

  it.each(folders)('%s lists as references exactly what it depends on', (folder) => {
    const { dependencies, peerDependencies } = manifestOf(folder);
    const { references } = JSON.parse(readFileSync(join(root, folder, 'tsconfig.json'), 'utf8')) as {
      references: readonly { path: string }[];
    };
    const named = references.map(({ path }) => path.split('/').at(-1) ?? '').sort();
    expect(named).toEqual([...new Set([...ours(dependencies), ...ours(peerDependencies)])].sort());
  });

  it.each(folders)('%s imports only what its package.json declares', (folder) => {
    const { dependencies = {}, peerDependencies = {} } = manifestOf(folder);
    const declared = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
    const strangers = sources(folder).flatMap((file) =>
      importsOf(file)
        .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:') && !declared.has(packageOf(specifier)))
        .map((specifier) => `${file} imports ${specifier}`),
    );
    expect(strangers).toEqual([]);
  });

  it('has an example that anybody could write: the contract, its own drivers, and nothing else of ours', () => {
    const example = 'examples/company-plugin';
    const { dependencies = {}, peerDependencies = {}, devDependencies = {} } = manifestOf(example);
    const allowed = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
    const files = [...sources(example), `${example}/plain/tokens.js`];
    const strangers = files.flatMap((file) =>
      importsOf(file).filter((name) => !/^(?:node:|\.)/.test(name) && !allowed.has(packageOf(name))),
    );
    expect(strangers).toEqual([]);
    expect(ours(dependencies).concat(ours(peerDependencies))).toEqual(['contract']);
    expect(ours(devDependencies).sort()).toEqual(['contract', 'testkit']);
    expect(
      readFileSync(join(root, example, 'plain/tokens.js'), 'utf8')
        .trimEnd()
        .split('\n').length,
    ).toBeLessThan(40);
  });

  it('keeps the libraries that shape everything in one place each', () => {
    const strays = folders.flatMap(sources).flatMap((file) =>
      importsOf(file)
        .filter((specifier) => Object.hasOwn(confined, packageOf(specifier)) && !confined[packageOf(specifier)]?.test(file))
        .map((specifier) => `${file} imports ${specifier}`),
    );
    expect(strays).toEqual([]);
  });

  it('has no file that is too long for one noun', () => {
    const long = folders.flatMap(sources).filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 300);
    expect(long).toEqual([]);
  });
});
