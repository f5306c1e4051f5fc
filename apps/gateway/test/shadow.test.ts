import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LedgerEvent } from '@postern/contract';
import { setTimeout } from 'node:timers/promises';
import { runCli } from '../src/cli/run-cli.js';
import { override, tokens } from '../src/compose.js';
import { ask, header } from './support/ask.js';
import { ConfigFolder, smallConfig } from './support/config-folder.js';
import { RunningGateway } from './support/running-gateway.js';
import { TestIo } from './support/test-io.js';

const users = (...entries: readonly (readonly [string, string, string?])[]) =>
  Object.fromEntries(
    entries.map(([user, password, host]) => [
      `${user}@example.org`,
      { password: `{PLAIN}${password}`, ...(host !== undefined && { attributes: { host } }) },
    ]),
  );

const old = users(['anna', 'sesame'], ['ben', 'sesame'], ['cat', 'sesame'], ['dan', 'sesame', 'mail-a']);
const next = users(['anna', 'sesame'], ['ben', 'another'], ['dan', 'sesame', 'mail-b'], ['eve', 'sesame']);

const moving = (mode = 'shadow') =>
  smallConfig({
    plugins: [
      { use: 'static', as: 'staff', with: { users: old } },
      { use: 'static', as: 'customers', mode, with: { users: next } },
      { use: 'table', with: { attribute: 'host' } },
      { use: 'domain', with: { routes: { 'example.org': 'mail-a' } } },
    ],
    backends: { 'mail-a': { host: '127.0.0.1' }, 'mail-b': { host: '127.0.0.2' } },
  });

describe('a store in the shadow of a running gateway', () => {
  let folder: ConfigFolder;
  let gateway: RunningGateway | undefined;

  beforeEach(() => {
    folder = new ConfigFolder();
  });
  afterEach(async () => {
    await gateway?.stop();
    folder.remove();
  });

  const start = async (noted: LedgerEvent[]): Promise<RunningGateway> => {
    const ledger = {
      note: (event: LedgerEvent) => void noted.push(event),
      follow: () => () => undefined,
      find: async () => undefined,
      keep: async () => undefined,
    };
    gateway = new RunningGateway(folder, {}, [override(tokens.ledger, ledger)]);
    await gateway.until(/postern is ready/);
    return gateway;
  };

  const metricsWhen = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const text = await (await fetch(`http://${String(gateway?.door('operator'))}/metrics`)).text();
      if (pattern.test(text)) return text;
      await setTimeout(5);
    }
  };

  it('is compared with the answering one, in metrics and the ledger, and answers nobody itself', async () => {
    folder.write(moving());
    const noted: LedgerEvent[] = [];
    const door = (await start(noted)).door('nginx');
    const said: (string | undefined)[] = [];
    for (const [user, password] of [
      ['anna', 'sesame'],
      ['ben', 'sesame'],
      ['ben', 'another'],
      ['cat', 'sesame'],
      ['dan', 'sesame'],
      ['eve', 'sesame'],
    ]) {
      said.push(header(await ask(door, { user: `${String(user)}@example.org`, password: String(password) }), 'Auth-Status'));
    }
    expect(said.map((status) => status === 'OK')).toEqual([true, true, false, true, true, false]);
    const text = await metricsWhen(/unknown\/ok/);
    for (const kind of ['match', 'ok/mismatch', 'ok/unknown', 'attributes', 'unknown/ok']) {
      expect(text).toContain(`postern_comparisons_total{answering="staff",other="customers",kind="${kind}"} 1`);
    }
    expect(text).toContain('postern_shadow_seconds_count{instance="customers"} 5');
    expect(text).toContain('postern_store_circuit{instance="customers"} 0');
    const compared = noted.flatMap((event) => (event.kind === 'compared' ? [event.comparison] : []));
    expect(compared.find(({ kind }) => kind === 'attributes')).toMatchObject({ user: 'dan@example.org', differing: ['host', 'route'] });
    expect(noted.filter(({ kind }) => kind === 'answered')).toHaveLength(5);
    expect(JSON.stringify(noted)).not.toMatch(/sesame|another|mail-b/);
  });

  it('can be switched off by a reload', async () => {
    folder.write(moving());
    const noted: LedgerEvent[] = [];
    const running = await start(noted);
    await ask(running.door('nginx'));
    await metricsWhen(/postern_comparisons_total\{[^}]*match"\} 1/);
    folder.write(moving('off'));
    running.io.signal('SIGHUP');
    await running.until(/"msg":"reloaded"/);
    noted.length = 0;
    expect(header(await ask(running.door('nginx')), 'Auth-Status')).toBe('OK');
    await running.stop();
    expect(noted).toEqual([]);
  });

  it('is shown as one by check', async () => {
    folder.write(moving());
    const io = new TestIo(folder.path);
    expect(await runCli(['check'], io)).toBe(0);
    expect(io.stdout.text).toMatch(/customers {2}use static {2}\(shadow\)/);
  });
});

describe('check', () => {
  it('finds a store that cannot do what a policy needs of it', async () => {
    const folder = new ConfigFolder();
    folder.add(
      'asks.mjs',
      `import { z } from ${JSON.stringify(import.meta.resolve('zod'))};
       export const plugin = {
         apiVersion: 1, role: 'policy', use: 'asks', config: z.strictObject({ into: z.string() }),
         inspect: ({ into }) => ({ stores: [{ name: into, path: ['into'], needs: ['enroll'] }] }),
         create: () => ({ around: (next) => next }),
       };`,
    );
    const { plugins, ...rest } = moving();
    folder.write({ ...rest, plugins: [...(plugins as readonly object[]), { use: './asks.mjs', as: 'asks', with: { into: 'customers' } }] });
    const io = new TestIo(folder.path);
    expect(await runCli(['check'], io)).toBe(2);
    expect(io.stderr.text).toMatch(/store-lacks +plugins\[4\]\.with\.into\s+the store "customers" has no enroll/);
    expect(io.stdout.text).toBe('');
    folder.remove();
  });
});
