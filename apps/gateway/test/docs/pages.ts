import { phraseTable, type Phrase } from '@postern/auth-http';
import type { Role } from '@postern/contract';
import { coreSections, errorCodes, pluginUseSchema } from '@postern/kernel';
import { openApi } from '../../src/operator/open-api.js';
import { bundledPlugins } from '../../src/plugins.js';
import { optionsTable, sectionsTable } from './options-table.js';
import { between, read } from './repository.js';

const close = '<!-- /options -->';

const optionsPage = (path: string, tables: Readonly<Record<string, string>>): string =>
  Object.entries(tables).reduce((page, [name, table]) => between(page, `<!-- options:${name} -->`, close, table), read(path));

const folderOf: Readonly<Record<Role, string>> = { 'credential-store': 'stores', 'backend-router': 'routers', policy: 'policies' };

/** The page of each bundled plugin: the word in the config is its name. */
export const pluginPages = [...bundledPlugins].map(([use, plugin]) => {
  const path = `docs/${folderOf[plugin.role]}/${use}.md`;
  return { path, content: () => optionsPage(path, { [use]: optionsTable(plugin.config) }) };
});

export const configPage = (): string =>
  optionsPage('docs/config.md', { core: sectionsTable(coreSections), 'plugin-use': optionsTable(pluginUseSchema) });

export const errorsPage = (): string => {
  const rows = Object.entries(errorCodes).map(
    ([code, { severity, meaning }]) => `### \`${code}\`\n\n${severity === 'warning' ? '*A warning.* ' : ''}${meaning}`,
  );
  return between(read('docs/errors.md'), '<!-- errors -->', '<!-- /errors -->', rows.join('\n\n'));
};

const phraseRow = ([kind, phrase]: readonly [string, Phrase]): string =>
  `| ${kind} | \`[${phrase.imap}]\` | \`[${phrase.pop3}]\` | \`${phrase.smtp}\` | \`${phrase.rcpt}\` | ${phrase.wait} | ${phrase.text} |`;

export const answersPage = (): string => {
  const head = '| denial | IMAP | POP3 | SMTP | RCPT | Auth-Wait | text |\n|---|---|---|---|---|---|---|';
  return between(
    read('docs/answers.md'),
    '<!-- phrases -->',
    '<!-- /phrases -->',
    [head, ...Object.entries(phraseTable).map(phraseRow)].join('\n'),
  );
};

interface Operation {
  readonly summary: string;
}

export const operatingPage = (): string => {
  const rows = Object.entries(openApi.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => `| \`${method.toUpperCase()} ${path}\` | ${(operation as Operation).summary} |`),
  );
  return between(read('docs/operating.md'), '<!-- api -->', '<!-- /api -->', ['| request | |', '|---|---|', ...rows].join('\n'));
};
