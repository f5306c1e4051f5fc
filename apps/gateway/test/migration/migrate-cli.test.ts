import 'reflect-metadata';
import { readdirSync, readFileSync, statSync, chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LedgerEvent } from '@postern/contract';
import { Book } from '@postern/ledger';
import { CapturedLog, CapturedMetrics, LiveClock } from '@postern/testkit';
import { parse } from 'yaml';
import { type Run, runIn } from '../support/command-line.js';
import { ConfigFolder } from '../support/config-folder.js';

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder.remove());

const run = (...words: readonly string[]): Promise<Run> => runIn(folder, ['migrate', ...words]);

const status = async (...words: readonly string[]): Promise<Record<string, unknown>> =>
  JSON.parse((await run('status', '--json', ...words)).out) as Record<string, unknown>;

const noted = async (...events: readonly LedgerEvent[]): Promise<void> => {
  const parts = { clock: new LiveClock(), log: new CapturedLog(), metrics: new CapturedMetrics() };
  const book = new Book({ url: `sqlite:${join(folder.path, 'postern-migration.db')}`, ...parts });
  await book.start(new AbortController().signal);
  for (const event of events) book.note(event);
  await book.stop();
};

const accepted = (user: string, store: string): LedgerEvent => ({ kind: 'answered', user, store, outcome: 'accepted' });
const captured = (user: string): LedgerEvent => ({
  kind: 'captured',
  user,
  from: 'staff',
  into: 'customers',
  scheme: 'ARGON2ID',
  digest: 'd',
});

/** Two stores that need no server, in the phase that `customers` and `staff` say. */
const config = (customers: string, staff = '', exit = ''): string => `# the gateway of example.org
listen: 127.0.0.1:0
health: off
backends: { mail-a: { host: 127.0.0.1 } }
migration:
  from: staff
  into: customers
  exit: { stableFor: 0ms, mismatches: 10% ${exit} }
plugins:
  - use: throttle # guessers
  - use: static # the new one
    as: customers
${customers}    with: { users: { 'new@example.org': '{PLAIN}c4n4ry' } }
  - use: static
    as: staff
${staff}    with: { users: { 'old@example.org': '{PLAIN}c4n4ry' } }
  - use: hash
    with: { over: [mail-a] }
`;
const swapped = '    when: { domain: [example.org] } # first of all\n';

describe('postern migrate', () => {
  it('tells where a migration stands without anything having been noted', async () => {
    folder.write(config(swapped));
    const { code, out } = await run('status');
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^phase 3, swap by domain: example\.org\nstaff → customers, nothing has been noted yet/) as unknown,
    });
    expect(existsSync(join(folder.path, 'postern-migration.db'))).toBe(false);
    expect(await run('status', '--ready')).toMatchObject({ code: 0 });
  });

  it('tells the numbers, by domain, with lists and what comes next', async () => {
    folder.write(config(swapped));
    await noted(
      ...['a', 'b', 'c'].flatMap((name) => [accepted(`${name}@example.org`, 'customers'), captured(`${name}@example.org`)]),
      accepted('x@example.net', 'staff'),
      {
        kind: 'compared',
        comparison: {
          user: 'x@example.net',
          answering: 'staff',
          other: 'customers',
          kind: 'ok/mismatch',
          differing: [],
          answeringMs: 1,
          otherMs: 1,
        },
      },
      { kind: 'capture-failed', user: 'x@example.net', into: 'customers', why: 'deferred' },
    );
    const { code, out } = await run('status');
    expect(code).toBe(0);
    expect(out).toMatch(/^example\.org +3 +3 +3 \(100%\) +3 \(100%\) +0 +0 +0 +0$/m);
    expect(out).toMatch(/^example\.net +1 +1 +0 \(0%\) +0 \(0%\) +1 +0 \(0%\) +1 +0$/m);
    expect(out).toMatch(/^customers +3 +3$/m);
    expect(out).toContain('3 passwords captured, 1 writes failed');
    expect(out).toMatch(/^mismatch: 1\n {2}x@example\.net +last let in \d{4}-\d\d-\d\d +ok\/mismatch$/m);
    expect(out).toContain('the next phase is not ready');
    expect(out).not.toContain('c4n4ry');
    expect(await run('status', '--ready')).toMatchObject({ code: 1 });
    expect(await status()).toMatchObject({
      phase: { number: 3, name: 'swap by domain' },
      users: { users: 4, captured: 3, mismatching: 1 },
      answered: [
        { store: 'customers', today: 3, week: 3 },
        { store: 'staff', today: 1, week: 1 },
      ],
      writes: { captured: 3, failed: 1 },
      left: { total: 1, users: [{ user: 'x@example.net' }] },
      exit: { holds: false },
    });
  });

  it('shows odd names so that they do nothing to a terminal', async () => {
    folder.write(config(swapped));
    await noted(accepted('\u001b[31mred\n@example.org', 'staff'));
    const { out } = await run('status');
    expect(out).not.toContain('\u001b');
    expect((await status())['left']).toMatchObject({ users: [{ user: '\u001b[31mred\n@example.org' }] });
  });

  it('refuses the next phase with the numbers, and takes it with a reason, which is kept', async () => {
    folder.write(config('', '', ', captured: 95%'));
    await noted(accepted('old@example.org', 'staff'));
    const refused = await run('next');
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(/NO +logins that "staff" still answers +1 of 1 \(100%\) +at most 10%/);
    expect(await run('next', '--force')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--force and --reason go together') as unknown,
    });
    expect(await run('next', '--reason', 'why not')).toMatchObject({ code: 2 });
    const forced = await run('next', '--force', '--reason', 'the directory is sold');
    expect(forced.code).toBe(0);
    expect((parse(forced.out) as { plugins: unknown[] }).plugins[2]).toEqual({
      use: 'static',
      as: 'staff',
      when: { user: ['old@example.org'] },
    });
    expect(forced.out).not.toContain('c4n4ry');
    expect(readFileSync(folder.file, 'utf8')).toBe(config('', '', ', captured: 95%'));
    expect((await run('status')).out).toMatch(/4→5 forced +the directory is sold/);
  });

  it('does not close the old store while it alone keeps somebody out, and names him', async () => {
    folder.write(config(''));
    await noted(
      accepted('new@example.org', 'customers'),
      { kind: 'disabled', user: 'gone@example.org', store: 'staff' },
      { kind: 'disabled', user: 'both@example.org', store: 'staff' },
      { kind: 'disabled', user: 'both@example.org', store: 'customers' },
    );
    const refused = await run('next');
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(/NO +users disabled in "staff" and not in "customers" +1 +0$/m);
    expect((await run('status')).out).toMatch(/^disabled in the old store, not in the new one: 1\n {2}gone@example\.org +never let in$/m);
    expect(await status()).toMatchObject({ disabled: 2, disabledInOld: { total: 1, users: [{ user: 'gone@example.org' }] } });
    await noted({ kind: 'disabled', user: 'gone@example.org', store: 'customers' });
    expect((await status())['exit']).toMatchObject({ holds: true });
  });

  it('edits the file with all its comments, keeps a copy, and its mode', async () => {
    folder.write(config(swapped));
    chmodSync(folder.file, 0o640);
    await noted(accepted('new@example.org', 'customers'));
    const { code, out } = await run('next', '--write');
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('Send SIGHUP') as unknown });
    const after = readFileSync(folder.file, 'utf8');
    // Blanks within brackets are not kept.
    const packed = (text: string): string => text.replaceAll(/ +(?=[\]}])|(?<=[[{]) +/g, '');
    expect(packed(after)).toBe(packed(config('')));
    expect(statSync(folder.file).mode & 0o777).toBe(0o640);
    const [backup] = readdirSync(folder.path).filter((name) => name.startsWith('postern.yaml.phase-3-'));
    expect(readFileSync(join(folder.path, backup ?? ''), 'utf8')).toBe(config(swapped));
    expect(readdirSync(folder.path).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(await status()).toMatchObject({ phase: { number: 4 }, steps: [{ step: '3→4' }] });
  });

  it('goes to the end and back again', async () => {
    folder.write(config(''));
    await noted(accepted('new@example.org', 'customers'));
    expect(await run('next', '--write')).toMatchObject({ code: 0, err: '' });
    expect(await status()).toMatchObject({ phase: { number: 6 }, next: { why: expect.stringContaining('closed') as unknown } });
    expect(await run('next')).toMatchObject({ code: 1 });
    expect(await run('next', '--domain', 'example.org')).toMatchObject({ code: 2 });
  });

  it('says that the ledger cannot be read', async () => {
    folder.write(config('').replace('  from: staff', '  ledger: postgres://u:geheim@127.0.0.1:1/mail\n  from: staff'));
    const { code, out, err } = await run('status');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('the ledger postgres://u@127.0.0.1:1/mail cannot be read');
    expect(err).not.toContain('geheim');
  });

  it('says that no migration can be seen', async () => {
    folder.write(config('').replace(/migration:\n(?: {2}.*\n)+/, ''));
    expect(await run('status')).toMatchObject({
      code: 2,
      err: expect.stringContaining('several stores answer (customers, staff)') as unknown,
    });
  });
});
