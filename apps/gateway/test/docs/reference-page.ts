import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from './repository.js';

const options = [
  ['--plugin', 'typedoc-plugin-markdown'],
  ['--readme', 'none'],
  ['--router', 'module'],
  ['--disableSources'],
  ['--hideBreadcrumbs'],
  ['--hidePageHeader'],
  ['--excludePrivate'],
  ['--excludeInternal'],
  ['--excludeExternals'],
  ['--validation.notExported', 'false'],
  ['--logLevel', 'Warn'],
  ...['parameters', 'interfaceProperties', 'typeDeclaration', 'propertyMembers'].map((what) => [`--${what}Format`, 'table']),
].flat();

/** What TypeDoc makes of a package's `src/index.ts`. */
export const referencePage = (name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-reference-'));
  try {
    const source = join(repository, 'packages', name);
    const typedoc = join(repository, 'node_modules/typedoc/bin/typedoc');
    const words = ['--entryPoints', join(source, 'src/index.ts'), '--tsconfig', join(source, 'tsconfig.json'), '--out', folder];
    const { status, stdout, stderr } = spawnSync(process.execPath, [typedoc, ...options, ...words], { cwd: repository, encoding: 'utf8' });
    if (status !== 0) throw new Error(`typedoc ended with ${String(status)}: ${stdout}${stderr}`);
    const note = 'Everything the package exports, made by TypeDoc from its comments. `npm run docs` writes this page anew.';
    return readFileSync(join(folder, 'README.md'), 'utf8').replace(/^(# .*)$/m, `$1\n\n${note}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
