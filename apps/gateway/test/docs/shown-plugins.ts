import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from '@postern/contract';
import { read, repository } from './repository.js';

/** A whole plugin that a page shows: its first line says what its file is called. */
export interface ShownPlugin {
  readonly page: string;
  readonly file: string;
  readonly code: string;
}

/** The entry page and all pages about plugins. */
export const pluginPagesShown = (): readonly string[] => [
  'docs/plugins.md',
  ...readdirSync(join(repository, 'docs/plugins'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/plugins/${name}`),
];

export const shownPlugins = (): readonly ShownPlugin[] =>
  pluginPagesShown().flatMap((page) =>
    [...read(page).matchAll(/```js\n(\/\/ plugins\/([\w-]+\.js)\b.*?)```/gs)].map(([, code = '', file = '']) => ({ page, file, code })),
  );

/** Puts them into a folder, with the contract and zod where npm would put them. */
export const writePlugins = (folder: string, plugins: readonly ShownPlugin[]): void => {
  mkdirSync(join(folder, 'plugins'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const [name, place] of [
    ['@postern/contract', 'packages/contract'],
    ['zod', 'packages/contract/node_modules/zod'],
  ] as const) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(repository, place), link);
  }
  for (const { file, code } of plugins) writeFileSync(join(folder, 'plugins', file), code);
};

export const loadPlugin = async (folder: string, file: string): Promise<Plugin> =>
  ((await import(join(folder, 'plugins', file))) as { readonly plugin: Plugin }).plugin;
