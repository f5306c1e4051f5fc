import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import prettier from 'prettier';

export const repository = join(import.meta.dirname, '../../../..');

const writing = process.env.POSTERN_WRITE_DOCS === '1';

/** All test files of the repository, as paths relative to it. */
export const testFiles = (): string[] =>
  ['packages', 'plugins', 'apps']
    .flatMap((parent) => readdirSync(join(repository, parent)).map((name) => `${parent}/${name}/test`))
    .concat('test')
    .flatMap((folder) =>
      readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => `${folder}/${name}`),
    )
    .sort();

export const read = (path: string): string => readFileSync(join(repository, path), 'utf8');

const formatted = (path: string, text: string): Promise<string> => prettier.format(text, { parser: 'markdown', ...optionsFor(path) });

const optionsFor = (path: string): object => ({ filepath: path, printWidth: 140, singleQuote: true, trailingComma: 'all' });

/** Compares a page of docs with what it must be; `npm run docs` writes it. */
export const expectPage = async (path: string, content: string): Promise<void> => {
  const wanted = await formatted(path, content);
  if (writing) writeFileSync(join(repository, path), wanted);
  expect(read(path)).toBe(wanted);
};

/** Puts `content` between `<!-- NAME -->` and `<!-- /NAME… -->` of a page. */
export const between = (page: string, open: string, close: string, content: string): string => {
  const start = page.indexOf(open);
  const end = page.indexOf(close, start);
  if (start < 0 || end < 0) throw new Error(`the page lacks ${open} … ${close}`);
  return `${page.slice(0, start + open.length)}\n\n${content}\n\n${page.slice(end)}`;
};
