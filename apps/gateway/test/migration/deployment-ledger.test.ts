import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LedgerReader } from '@postern/ledger';
import { CapturedLog, LiveClock } from '@postern/testkit';
import { ConfigFolder, smallConfig } from '../support/config-folder.js';
import { RunningGateway } from '../support/running-gateway.js';
import { ask } from '../support/ask.js';

let folder: ConfigFolder;
let gateway: RunningGateway | undefined;
beforeEach(() => {
  folder = new ConfigFolder();
  folder.add('keeper.mjs', keeper);
});
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
  folder.remove();
});

/** A policy that notes who was let in. */
const keeper = `
import { z } from ${JSON.stringify(import.meta.resolve('zod'))};
export const plugin = {
  apiVersion: 1,
  role: 'policy',
  use: 'keeper',
  config: z.strictObject({}),
  inspect: () => ({ keepsLedger: true }),
  create: (_config, { ledger }) => ({
    around: (next) => async (attempt, signal) => {
      const verdict = await next(attempt, signal);
      const known = await ledger.find(attempt.user, signal).catch(() => undefined);
      ledger.note({ kind: 'captured', user: attempt.user, from: 'people', into: known === undefined ? 'first' : 'again', scheme: 'X', digest: 'd' });
      return verdict;
    },
  }),
};
`;

const plugins = smallConfig()['plugins'] as readonly unknown[];
const withKeeper = (ledger: string): Record<string, unknown> =>
  smallConfig({ migration: { ledger }, plugins: [{ use: './keeper.mjs', as: 'keeper' }, ...plugins] });

interface Ready {
  readonly status: string;
  readonly ledger?: { readonly status: string; readonly note?: string };
}

const readiness = async (running: RunningGateway): Promise<Ready> =>
  (await fetch(`http://${running.door('operator')}/readyz`)).json() as Promise<Ready>;

const until = async (running: RunningGateway, holds: (ready: Ready) => boolean): Promise<void> => {
  while (!holds(await readiness(running))) await setTimeout(10);
};

describe('the ledger of a gateway', () => {
  it('is not opened where nothing is migrated, opened by a reload, and closed by the next', async () => {
    folder.write(smallConfig());
    const running = (gateway = new RunningGateway(folder));
    await running.until(/is ready/);
    expect(await readiness(running)).toMatchObject({ status: 'ready' });
    expect((await readiness(running)).ledger).toBeUndefined();
    expect(existsSync(`${folder.path}/postern-migration.db`)).toBe(false);
    folder.write(withKeeper('sqlite:book.db'));
    running.io.signal('SIGHUP');
    await until(running, ({ ledger }) => ledger?.status === 'up');
    expect(existsSync(`${folder.path}/book.db`)).toBe(true);
    folder.write(smallConfig());
    running.io.signal('SIGHUP');
    await until(running, ({ ledger }) => ledger === undefined);
  }, 120_000);

  it('remembers what the gateway before it noted', async () => {
    folder.write(withKeeper('sqlite:book.db'));
    const first = new RunningGateway(folder);
    await first.until(/is ready/);
    expect(await ask(first.door('nginx'))).toContain('Auth-Status: OK');
    await first.stop();
    const second = (gateway = new RunningGateway(folder));
    await second.until(/is ready/);
    expect(await ask(second.door('nginx'))).toContain('Auth-Status: OK');
    expect(await second.stop()).toBe(0);
    gateway = undefined;
    const reader = new LedgerReader({ url: `sqlite:${folder.path}/book.db`, clock: new LiveClock(), log: new CapturedLog() });
    const wanted = { from: 'people', into: 'again', activeSince: 1, matchingSince: 1, firstDay: '2000-01-01', most: 10 };
    expect((await reader.facts(wanted, AbortSignal.timeout(5000))).days.map(({ store, events }) => [store, events])).toEqual([
      ['again', 1],
      ['first', 1],
      ['people', 2],
    ]);
    await reader.close();
  }, 120_000);

  it('answers logins all the same when the ledger cannot be reached, and says so', async () => {
    folder.write(withKeeper('postgres://u:geheim@127.0.0.1:1/mail'));
    const running = (gateway = new RunningGateway(folder));
    await running.until(/is ready/);
    expect(await ask(running.door('nginx'))).toContain('Auth-Status: OK');
    expect(await readiness(running)).toMatchObject({ status: 'degraded', ledger: { status: 'degraded' } });
    expect(running.io.stdout.text).toContain('the migration ledger cannot be written');
    expect(running.io.stdout.text + JSON.stringify(await readiness(running))).not.toContain('geheim');
  }, 120_000);
});
