import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { repository } from './docs/repository.js';
import { ask, header } from './support/ask.js';
import { plainEnv, runBuilt, ServingGateway } from './support/built-gateway.js';

/** npm may have to ask the registry, on a machine that does much else. */
const patienceMs = 300_000;

let root: string;

const npm = (directory: string, ...words: string[]): void => {
  const { status, stdout, stderr } = spawnSync('npm', words, { cwd: directory, env: plainEnv, encoding: 'utf8', timeout: patienceMs });
  if (status !== 0) throw new Error(`npm ${words.join(' ')} ended with ${String(status)}:\n${stdout}\n${stderr}`);
};

/** A registry that is out of reach for a moment is no fault of ours. */
const install = (directory: string): void => {
  const words = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  try {
    npm(directory, ...words);
  } catch {
    npm(directory, ...words);
  }
};

const roles = ['credential', 'router', 'policy'] as const;

describe('a plugin that `postern new` writes, outside the workspace and installed from packed packages,', () => {
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'postern-kit-'));
    const packed = spawnSync(process.execPath, [join(repository, 'scripts/pack.mjs'), join(root, 'packed')], {
      encoding: 'utf8',
      env: plainEnv,
    });
    if (packed.status !== 0) throw new Error(packed.stderr);
    // One npm project around them, so that one installation serves all.
    writeFileSync(join(root, 'package.json'), JSON.stringify({ private: true, workspaces: roles.map((role) => `my-${role}`) }));
    for (const role of roles) {
      const made = runBuilt(root, ['new', role, `my-${role}`, '--from', 'packed']);
      if (made.status !== 0) throw new Error(made.stderr);
    }
    install(root);
  }, patienceMs * 2);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it.each(roles)('compiles strictly and passes its tests: %s', (role) => npm(join(root, `my-${role}`), 'test'), patienceMs);

  it(
    'holds in every step of `postern verify`',
    () => {
      const words = ['verify', './dist/src/index.js', '-c', 'postern.yaml', '--examples', 'examples.yaml', '--json'];
      const { status, stdout } = runBuilt(join(root, 'my-credential'), words);
      const { steps } = JSON.parse(stdout) as { readonly steps: readonly { readonly step: string; readonly outcome: string }[] };
      expect(steps.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
      expect(steps.map(({ step }) => step)).toEqual(expect.arrayContaining(['import', 'start', 'ask', 'stop', 'conformance', 'quiet']));
      expect(status).toBe(0);
    },
    patienceMs,
  );

  it.each(roles)(
    'answers a login in a real gateway: %s',
    async (role) => {
      const folder = join(root, `my-${role}`);
      const config = readFileSync(join(folder, 'postern.yaml'), 'utf8').replaceAll(/127\.0\.0\.1:914[34]/g, '127.0.0.1:0');
      writeFileSync(join(folder, 'any-port.yaml'), config);
      const gateway = new ServingGateway(folder, 'any-port.yaml');
      try {
        const door = await gateway.door();
        const good = await ask(door, { user: 'anna', password: 'correct horse' });
        expect(header(good, 'Auth-Status')).toBe('OK');
        // The router has a home for her team; by the others she is spread.
        expect(header(good, 'Auth-Port')).toMatch(role === 'router' ? /^10143$/ : /^[12]0143$/);
        expect(header(await ask(door, { user: 'anna', password: 'wrong' }), 'Auth-Status')).not.toBe('OK');
      } finally {
        expect(await gateway.stop()).toBe(0);
      }
    },
    patienceMs,
  );
});

describe('a plugin that `postern new` writes in plain JavaScript', () => {
  it.each(roles)(
    'runs at once, without any installation: %s',
    (role) => {
      const folder = mkdtempSync(join(tmpdir(), 'postern-kit-js-'));
      try {
        expect(runBuilt(folder, ['new', role, 'mine', '--js']).status).toBe(0);
        const explained = runBuilt(join(folder, 'mine'), ['explain', 'anna', '--password-stdin'], 'correct horse');
        expect({ status: explained.status, said: explained.stderr }).toEqual({ status: 0, said: '' });
        expect(explained.stdout).toContain('mine');
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    patienceMs,
  );
});
