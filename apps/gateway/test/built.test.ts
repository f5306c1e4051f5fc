import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ask, header } from './support/ask.js';
import { ConfigFolder, smallConfig } from './support/config-folder.js';

const script = join(import.meta.dirname, '../bin/postern.js');

// Set for the test runner, and no business of the gateway's.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !['NODE_OPTIONS', 'FORCE_COLOR', 'NODE_ENV'].includes(name)));

const plainStore = `
import { definePlugin } from '@postern/contract';
import { z } from 'zod';
export const plugin = definePlugin({
  apiVersion: 1,
  role: 'credential-store',
  use: 'plain',
  config: z.strictObject({}),
  create: () => ({ abilities: { mechanisms: ['plain'], knowsUsers: true }, verify: async () => ({ kind: 'unknown-user' }) }),
});
`;

type Child = ChildProcessByStdio<null, Readable, Readable>;

describe('the built command', () => {
  let folder: ConfigFolder;
  let children: Child[];

  beforeEach(() => {
    folder = new ConfigFolder();
    children = [];
  });
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    folder.remove();
  });

  const serve = (): { readonly child: Child; readonly out: () => string; readonly until: (pattern: RegExp) => Promise<string> } => {
    const child = spawn(process.execPath, [script, 'serve'], { cwd: folder.path, env, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
    return {
      child,
      out: () => text,
      until: async (pattern) => {
        for (;;) {
          const found = pattern.exec(text);
          if (found !== null) return found[1] ?? found[0];
          if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${text}`);
          await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), once(child, 'exit')]);
        }
      },
    };
  };

  it('rule 69: serves, reloads on SIGHUP, drains on SIGTERM and ends with 0; the log is JSON lines to the last', async () => {
    const path = join(folder.path, 'auth.sock');
    folder.write(smallConfig({ listen: ['127.0.0.1:0', `unix:${path}`] }));
    const { child, out, until } = serve();
    const door = await until(/nginx on (127\.0\.0\.1:\d+)/);
    expect(header(await ask(door), 'Auth-Status')).toBe('OK');
    child.kill('SIGHUP');
    await until(/"msg":"reloaded"/);
    expect(header(await ask(`unix:${path}`), 'Auth-Status')).toBe('OK');
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(existsSync(path)).toBe(false);
    const lines = out().trimEnd().split('\n');
    const messages = lines.filter((line) => line.startsWith('{')).map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(messages.filter((message) => message === 'login')).toHaveLength(2);
    expect(messages.at(-1)).toBe('stopped');
    expect(lines.filter((line) => !line.startsWith('{'))).toEqual([expect.stringMatching(/^postern is ready: /)]);
  });

  it('rule 69: ends when it is told to, whatever a plugin forgot to put away', async () => {
    const forgetful = 'setInterval(() => undefined, 60_000);\n' + plainStore;
    const use = folder.add('forgetful.mjs', forgetful);
    folder.write(
      smallConfig({
        plugins: [
          { use, as: 'people' },
          { use: 'hash', with: { over: ['mail-a', 'mail-b'] } },
        ],
      }),
    );
    const { child, until } = serve();
    await until(/postern is ready/);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    for (const words of [['check'], ['explain', 'anna@example.org']]) {
      const { signal, stderr } = spawnSync(process.execPath, [script, ...words], {
        cwd: folder.path,
        env,
        encoding: 'utf8',
        timeout: 20_000,
      });
      expect({ words, signal, stderr }).toMatchObject({ words, signal: null });
    }
  });

  it('goes on answering when whoever read its log has gone', async () => {
    folder.write(smallConfig());
    const { child, until } = serve();
    const door = await until(/nginx on (127\.0\.0\.1:\d+)/);
    child.stdout.destroy();
    child.stderr.destroy();
    for (let count = 0; count < 20; count++) expect(header(await ask(door), 'Auth-Status')).toBe('OK');
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).toBe(0);
  });

  it('ends with the exit codes that are promised', () => {
    folder.write(smallConfig());
    const run = (...words: string[]): { status: number | null; stdout: string; stderr: string } =>
      spawnSync(process.execPath, [script, ...words], { cwd: folder.path, env, input: 'sesame', encoding: 'utf8' });
    expect(run('check')).toMatchObject({ status: 0, stdout: expect.stringContaining('is fine') });
    expect(run('explain', 'anna@example.org', '--password-stdin').status).toBe(0);
    expect(run('explain', 'nobody@example.org', '--password-stdin').status).toBe(1);
    expect(run('check', '-c', 'missing.yaml')).toMatchObject({ status: 2, stdout: '' });
    expect(run('hash', '--scheme', 'BLF-CRYPT').stdout).toMatch(/^\{BLF-CRYPT\}/);
  });

  it.each([['hash', '--scheme', 'SSHA512'], ['schema'], ['check'], ['--help']])(
    'does not end with 0 when what it says is lost: %s',
    (...words) => {
      folder.write(smallConfig());
      const full = openSync('/dev/full', 'w');
      try {
        const { status, stderr } = spawnSync(process.execPath, [script, ...words], {
          cwd: folder.path,
          env,
          input: 'sesame',
          encoding: 'utf8',
          stdio: ['pipe', full, 'pipe'],
        });
        expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('could not be written: ENOSPC') });
      } finally {
        closeSync(full);
      }
    },
  );
});
