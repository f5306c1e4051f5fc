// Brings a fresh clone to life with nothing but Node and npm: pins pnpm, installs, builds. Each step leaves a stamp and
// is skipped while what it depends on has not changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const pnpmVersion = '10.34.9';
const floor = [20, 19];
const state = join(root, '.postern');

export const say = (text) => process.stderr.write(`postern: ${text}\n`);

export const fail = (text) => {
  say(text);
  process.exit(2);
};

/** Runs a command and ends this process with its status when it fails. */
export const run = (command, args, options = {}) => {
  const { quiet = false, ...rest } = options;
  const result = spawnSync(command, args, { cwd: root, stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit', ...rest });
  if (result.error) fail(`${command} could not be started: ${result.error.message}`);
  if (result.status === 0) return;
  if (quiet) process.stderr.write(`${result.stdout}${result.stderr}`);
  process.exit(result.status ?? 1);
};

const stampOf = (name) => {
  const path = join(state, `${name}.stamp`);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};

const writeStamp = (name, value) => {
  mkdirSync(state, { recursive: true });
  writeFileSync(join(state, `${name}.stamp`), value);
};

const checkNode = () => {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > floor[0] || (major === floor[0] && minor >= floor[1])) return;
  fail(`Node ${floor.join('.')} or newer is needed (24 LTS is what we recommend); this is ${process.versions.node}.`);
};

const npmCommand = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** The pinned pnpm, brought by npm into a folder of this checkout; answers the script to run with node. */
export const bringPnpm = () => {
  const folder = join(state, `pnpm-${pnpmVersion}`);
  const script = join(folder, 'node_modules', 'pnpm', 'bin', 'pnpm.cjs');
  if (existsSync(script)) return script;
  say(`bringing pnpm ${pnpmVersion}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  run(npmCommand, ['install', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error', `pnpm@${pnpmVersion}`], {
    quiet: true,
    cwd: folder,
  });
  return script;
};

const workspaceFolders = () =>
  ['packages', 'plugins', 'apps'].flatMap((parent) =>
    existsSync(join(root, parent))
      ? readdirSync(join(root, parent))
          .map((name) => join(root, parent, name))
          .filter((folder) => existsSync(join(folder, 'package.json')))
      : [],
  );

/** All workspace packages, by their folder. */
export const workspaces = () => [
  ...workspaceFolders(),
  ...['bench', 'examples/company-plugin'].map((folder) => join(root, folder)).filter((folder) => existsSync(join(folder, 'package.json'))),
];

const hashFiles = (paths, of) => {
  const hash = createHash('sha256').update(process.versions.modules);
  for (const path of paths) if (existsSync(path)) hash.update(path).update(of(path));
  return hash.digest('hex');
};

const install = () => {
  const manifests = [
    join(root, 'package.json'),
    join(root, 'pnpm-lock.yaml'),
    join(root, 'pnpm-workspace.yaml'),
    ...workspaces().map((folder) => join(folder, 'package.json')),
  ];
  const wanted = hashFiles(manifests, (path) => readFileSync(path));
  if (stampOf('install') === wanted && existsSync(join(root, 'node_modules', '.pnpm'))) return;
  const pnpm = bringPnpm();
  say('installing dependencies');
  rmSync(join(state, 'build.stamp'), { force: true });
  const frozen = existsSync(join(root, 'pnpm-lock.yaml'))
    ? process.env.POSTERN_LOCKFILE === 'update'
      ? ['--no-frozen-lockfile']
      : ['--frozen-lockfile']
    : [];
  run(process.execPath, [pnpm, 'install', ...frozen, '--reporter=append-only'], {
    quiet: true,
    env: { ...process.env, CI: 'true', npm_config_loglevel: 'error' },
  });
  writeStamp(
    'install',
    hashFiles(manifests, (path) => readFileSync(path)),
  );
};

const sources = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();

const build = () => {
  const inputs = workspaceFolders().flatMap((folder) => [join(folder, 'tsconfig.json'), ...sources(join(folder, 'src'))]);
  const wanted = hashFiles([join(root, 'tsconfig.base.json'), join(root, 'tsconfig.json'), ...inputs], (path) => {
    const { mtimeMs, size } = statSync(path);
    return `${mtimeMs}:${size}`;
  });
  const built = workspaceFolders().every((folder) => existsSync(join(folder, 'dist', 'index.js')));
  if (built && stampOf('build') === wanted) return;
  say('building');
  run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b', '--pretty', 'false']);
  writeStamp('build', wanted);
};

/** Everything a command of this repository needs; says in a line what it does, and nothing when all is done. */
export const setUp = ({ compiled = true } = {}) => {
  checkNode();
  install();
  if (compiled) build();
};
