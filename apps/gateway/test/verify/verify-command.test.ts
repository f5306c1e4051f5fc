import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { builtScript, plainEnv, runBuilt } from '../support/built-gateway.js';
import { ConfigFolder, smallConfig } from '../support/config-folder.js';
import { pluginModule } from '../support/plugin-module.js';

const patienceMs = 120_000;

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder.remove());

const living = (parts: string): string =>
  pluginModule({
    made: `{ abilities: { mechanisms: ['plain'], knowsUsers: true }, verify: async () => ({ kind: 'unknown-user' }), ${parts} }`,
  });

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('postern verify', () => {
  it.each<[what: string, module: string, step: string, said: string]>([
    ['ends the process', living(`start: async () => process.exit(0)`), 'start', 'ended with 0'],
    ['loops for ever', pluginModule({ made: `(() => { for (;;); })()` }), 'create', 'holds up the whole process'],
    ['keeps a timer', living(`start: async () => void setInterval(() => {}, 1000)`), 'quiet', 'Timeout'],
    [
      'keeps a server',
      `import { createServer } from 'node:net';\n${living(`start: () => new Promise((done) => createServer().listen(0, '127.0.0.1', done))`)}`,
      'quiet',
      'TCP',
    ],
    [
      'throws where nobody catches it',
      living(`health: () => (setTimeout(() => { throw new Error('stray'); }), new Promise(() => {}))`),
      'health',
      'stray',
    ],
    [
      'rejects where nobody waits',
      living(`health: () => (void Promise.reject(new Error('astray')), new Promise(() => {}))`),
      'health',
      'astray',
    ],
  ])(
    'reports at its step a plugin that %s, and ends with 1',
    (_what, module, step, said) => {
      folder.add('mine.mjs', module);
      const { status, stdout } = runBuilt(folder.path, ['verify', './mine.mjs', '--patience', '2s', '--json']);
      const { ok, steps } = JSON.parse(stdout) as { ok: boolean; steps: { step: string; outcome: string; detail: string; hint: string }[] };
      expect({ status, ok }).toEqual({ status: 1, ok: false });
      const broken = steps.find(({ outcome }) => outcome === 'broken');
      expect(broken).toMatchObject({ step, detail: expect.stringContaining(said) });
      expect(broken?.hint).not.toBe('');
    },
    patienceMs,
  );

  it(
    'ends by itself, without a word of Node’s, after a plugin that throws while its import hangs',
    () => {
      folder.add('mine.mjs', `setTimeout(() => { throw new Error('stray'); }, 10); await new Promise(() => {});`);
      const { status, stdout, stderr } = runBuilt(folder.path, ['verify', './mine.mjs', '--json']);
      expect(status).toBe(1);
      expect(stdout).toContain('stray');
      expect(stderr).toBe('');
    },
    patienceMs,
  );

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'ended by %s takes a plugin that loops along',
    async (signal) => {
      const note = join(folder.path, 'pid');
      const loop = pluginModule({ made: `(() => { for (;;); })()` });
      folder.add(
        'mine.mjs',
        `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(note)}, String(process.pid));\n${loop}`,
      );
      const child = spawn(process.execPath, [builtScript, 'verify', './mine.mjs'], { cwd: folder.path, env: plainEnv, stdio: 'pipe' });
      let said = '';
      for await (const chunk of child.stdout) if (/ok +schema/u.test((said += String(chunk)))) break;
      child.kill(signal);
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      const pid = Number(readFileSync(note, 'utf8'));
      while (isThere(pid)) await pause(20);
    },
    patienceMs,
  );

  it(
    'takes the options of a config’s entry, a known user, and a path without a dot in front',
    () => {
      const verify = `async ({ user, proof }) => user !== 'ann@example.org' ? { kind: 'unknown-user' }
        : proof.password === config.word ? { kind: 'accepted', account: { user, attributes: {} } } : { kind: 'rejected' }`;
      const made = `{ abilities: { mechanisms: ['plain'], knowsUsers: true }, verify: ${verify} }`;
      folder.add('plugins/mine.mjs', pluginModule({ config: 'z.strictObject({ word: z.string() })', made }));
      folder.add('examples.yaml', `{ afterStop: answers, skip: { mechanisms: plain only, aborted-before: it waits for nobody } }`);
      folder.write(smallConfig({ plugins: [{ use: 'static' }, { use: './plugins/mine.mjs', with: { word: 'sesame' } }] }));
      const words = ['verify', 'plugins/mine.mjs', '-c', 'postern.yaml', '--examples', 'examples.yaml'];
      const good = runBuilt(folder.path, [...words, '--known-user', 'ann@example.org', '--password-stdin'], 'sesame');
      expect({ status: good.status, out: good.stdout }).toMatchObject({
        status: 0,
        out: expect.stringMatching(/^ok +conformance +\d+ passed, 0/m),
      });
      const wrong = runBuilt(folder.path, [...words, '--known-user', 'ann@example.org', '--password-stdin'], 'other');
      expect(wrong.status).toBe(1);
      expect(wrong.stdout).toMatch(/^broken +conformance[\s\S]*the right password was rejected/m);
      expect(wrong.stdout + wrong.stderr).not.toContain('sesame');
    },
    patienceMs,
  );

  it(
    'finds a package beside the config as a gateway does, and says what it lacks when it is not there',
    () => {
      folder.add('node_modules/postern-mine/package.json', '{ "name": "postern-mine", "type": "module", "exports": "./index.js" }');
      folder.add('node_modules/postern-mine/index.js', pluginModule());
      expect(runBuilt(folder.path, ['verify', 'postern-mine']).stdout).toContain('postern-mine is fine');
      const missing = runBuilt(folder.path, ['verify', 'postern-yours']);
      expect(missing).toMatchObject({ status: 1, stdout: expect.stringMatching(/^broken +resolve +.*\n +→ npm install postern-yours/m) });
    },
    patienceMs,
  );

  it('repaints no terminal with what a plugin says', () => {
    folder.add('mine.mjs', `throw new Error('\\u001b[2Jgone');`);
    const { stdout } = runBuilt(folder.path, ['verify', './mine.mjs']);
    expect(stdout).toContain('\\u{1b}[2Jgone');
    expect(stdout).not.toContain('\u001b');
  });
});
