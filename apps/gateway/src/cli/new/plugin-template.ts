import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PluginKit } from './plugin-kit.js';

export const templateRoles = ['credential', 'router', 'policy'] as const;
export type TemplateRole = (typeof templateRoles)[number];
export type TemplateLanguage = 'ts' | 'js';

export interface NewPlugin {
  readonly role: TemplateRole;
  readonly name: string;
  readonly language: TemplateLanguage;
  readonly kit: PluginKit;
}

export interface NewFile {
  /** Relative to the plugin's folder. */
  readonly path: string;
  readonly content: string;
}

/** The files of `apps/gateway/templates`. They are what they become, but for a few words in capitals. */
const templates = fileURLToPath(new URL('../../../templates/', import.meta.url));

/** What npm and tools would take for their own within this repository is kept under another name. */
const kept = '.template';
const hidden = new Map([['gitignore', '.gitignore']]);

const roleWords: Readonly<Record<TemplateRole, string>> = {
  credential: 'credential store',
  router: 'backend router',
  policy: 'policy',
};

/** The module that a config names, from the plugin's folder. */
export const entryOf = (language: TemplateLanguage): string => (language === 'ts' ? './dist/src/index.js' : './src/index.js');

export const packageOf = ({ role, name }: Pick<NewPlugin, 'role' | 'name'>): string => `postern-${role}-${name}`;

/** All files of a new plugin. */
export const pluginFiles = (plugin: NewPlugin): readonly NewFile[] => {
  const { role, language } = plugin;
  const words = wordsOf(plugin);
  const shared = filesIn(language).map((path) => ({ from: join(language, path), path }));
  const ofRole = ['postern.yaml', 'examples.yaml'].map((path) => ({ from: join(role, path), path }));
  const code = filesIn(join(role, language)).map((path) => ({ from: join(role, language, path), path }));
  return [...shared, ...ofRole, ...code].map(({ from, path }) => ({ path: written(path), content: filled(read(from), words) }));
};

const wordsOf = ({ role, name, language, kit }: NewPlugin): ReadonlyMap<string, string> =>
  new Map([
    ['PLUGIN_PACKAGE', packageOf({ role, name })],
    ['PLUGIN_ROLE', roleWords[role]],
    ['PLUGIN_ENTRY', entryOf(language)],
    ['PLUGIN_VERSION', kit.version],
    ['PLUGIN_CONTRACT', kit.contract],
    ['PLUGIN_TESTKIT', kit.testkit],
    ['PLUGIN_OPTIONS', read(join(role, 'options.md')).trimEnd()],
    ['PLUGIN_NAME', name],
  ]);

const filled = (text: string, words: ReadonlyMap<string, string>): string =>
  text.replace(/\bPLUGIN_[A-Z]+\b/g, (word) => words.get(word) ?? word);

const written = (path: string): string => {
  const plain = path.endsWith(kept) ? path.slice(0, -kept.length) : path;
  return hidden.get(plain) ?? plain;
};

const filesIn = (folder: string): readonly string[] =>
  readdirSync(join(templates, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(templates, folder).length + sep.length))
    .sort();

const read = (path: string): string => readFileSync(join(templates, path), 'utf8');

/** Folders of a new plugin, outermost first. */
export const foldersOf = (files: readonly NewFile[]): readonly string[] =>
  [...new Set(files.map(({ path }) => dirname(path)))].filter((folder) => folder !== '.').sort();
