import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { read, repository } from '../docs/repository.js';

const { parse } = createRequire(join(repository, 'packages/kernel/package.json'))('yaml') as { readonly parse: (text: string) => unknown };

interface Locked {
  readonly resolution: Readonly<Record<string, string>>;
  readonly deprecated?: string;
}
interface Importer {
  readonly [group: string]: Readonly<Record<string, { readonly specifier: string; readonly version: string }>>;
}

const lock = parse(read('pnpm-lock.yaml')) as {
  readonly importers: Readonly<Record<string, Importer>>;
  readonly packages: Readonly<Record<string, Locked>>;
};
const workspace = parse(read('pnpm-workspace.yaml')) as {
  readonly catalog: Readonly<Record<string, string>>;
  readonly overrides: Readonly<Record<string, string>>;
  readonly allowBuilds: Readonly<Record<string, boolean>>;
};

const exact = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/;
// A range among the peers is what somebody else brings, and never what is installed here.
const groups = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

describe('what comes from outside', () => {
  it('comes from the registry alone, each with its digest: no git, no address, no file', () => {
    const strange = Object.entries(lock.packages).filter(
      ([, { resolution }]) => Object.keys(resolution).join() !== 'integrity' || !/^sha512-/.test(resolution['integrity'] ?? ''),
    );
    expect(strange).toEqual([]);
    expect(Object.keys(lock.packages).filter((name) => !/^(?:@[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+/.test(name))).toEqual([]);
  });

  it('has one exact version each, in the catalog or in the package', () => {
    const shared = Object.entries({ ...workspace.catalog, ...workspace.overrides }).filter(([, version]) => !exact.test(version));
    expect(shared).toEqual([]);
    const own = Object.keys(lock.importers).flatMap((folder) => {
      const manifest = JSON.parse(readFileSync(join(repository, folder, 'package.json'), 'utf8')) as Record<string, Record<string, string>>;
      return groups.flatMap((group) => Object.entries(manifest[group] ?? {}).map(([name, wanted]) => `${folder} ${name} ${wanted}`));
    });
    const loose = own.filter((line) => !/ (?:catalog:|workspace:[*^])$/.test(line) && !exact.test(line.split(' ').at(-1) ?? ''));
    expect(loose).toEqual([]);
  });

  it('runs nothing when it is installed', () => {
    expect(Object.values(workspace.allowBuilds).filter((allowed) => allowed)).toEqual([]);
  });

  it('is not given up by its makers, but for what is listed here with its reason', () => {
    const given = Object.entries(lock.packages).filter(([, { deprecated }]) => deprecated !== undefined);
    // ldapjs and its parts: kept behind one import (docs/decisions); the others come with the test runner.
    const known = /^(?:ldapjs|@ldapjs\/|abstract-logging|glob|inflight|rimraf|whatwg-encoding)/;
    expect(given.map(([name]) => name).filter((name) => !known.test(name))).toEqual([]);
  });
});
