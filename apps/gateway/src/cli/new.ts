import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { Argument, type Command } from 'commander';
import { packedKit, publishedKit } from './new/plugin-kit.js';
import { pluginName } from './new/plugin-name.js';
import { entryOf, foldersOf, pluginFiles, templateRoles, type NewFile, type TemplateRole } from './new/plugin-template.js';
import { UsageError, type Shell } from './shell.js';

interface NewOptions {
  readonly dir: string;
  readonly js?: true;
  readonly from?: string;
}

export const addNew = (program: Command, shell: Shell): void => {
  program
    .command('new')
    .summary('write a plugin of your own, tests included')
    .description(
      'Writes a plugin into a new folder of its name: source, tests with the conformance suite of its role, README, and a config to try it. ' +
        'Nothing that is there is overwritten.',
    )
    .addArgument(new Argument('<role>', 'what it is').choices([...templateRoles]))
    .argument('<name>', 'small letters, digits and hyphens; not the word of a bundled plugin')
    .option('-d, --dir <folder>', 'where to put the new folder', '.')
    .option('--js', 'plain JavaScript in place of TypeScript')
    .option('--from <folder>', 'take @postern/contract and @postern/testkit from packed files there (npm run pack), not from the registry')
    .addHelpText('after', '\nExample:\n  postern new credential badge\n  cd badge && npm install && npm test')
    .action((role: TemplateRole, given: string, options: NewOptions) => {
      const name = pluginName(given);
      const directory = resolve(shell.io.directory, options.dir);
      const folder = join(directory, name);
      const kit = options.from === undefined ? publishedKit() : packedKit(resolve(shell.io.directory, options.from), folder);
      const language = options.js === true ? 'js' : 'ts';
      const files = pluginFiles({ role, name, language, kit });
      write(folder, files);
      shell.io.stdout.write(nextSteps(relative(shell.io.directory, folder) || '.', files, entryOf(language)));
    });
};

/** A folder of its own, made here: whatever has the name already stays as it is. */
const write = (folder: string, files: readonly NewFile[]): void => {
  try {
    mkdirSync(dirname(folder), { recursive: true });
    mkdirSync(folder);
    for (const inner of foldersOf(files)) mkdirSync(join(folder, inner), { recursive: true });
    for (const { path, content } of files) writeFileSync(join(folder, path), content, { flag: 'wx' });
  } catch (cause) {
    throw unwritable(folder, cause);
  }
};

const unwritable = (folder: string, cause: unknown): UsageError => {
  const { code = 'unknown', message } = cause as NodeJS.ErrnoException;
  if (code === 'EEXIST') return new UsageError(`${folder} is there already and is left as it is`, 'Choose another name, or --dir.');
  return new UsageError(`${folder} cannot be written: ${message}`, 'Choose a folder with --dir that you may write to.');
};

const nextSteps = (folder: string, files: readonly NewFile[], entry: string): string =>
  [
    `${folder}: ${files.map(({ path }) => path).join(', ')}`,
    '',
    'Next:',
    `  cd ${folder}`,
    '  npm install && npm test',
    `  postern verify ${entry} -c postern.yaml --examples examples.yaml`,
    '  postern serve -c postern.yaml',
    '',
  ].join('\n');
