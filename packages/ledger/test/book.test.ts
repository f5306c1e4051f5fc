import { mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWithServers, ServerRoom, startMariadb, startPostgres } from '@postern/testkit';
import type { LedgerEvent } from '@postern/contract';
import { LedgerReader } from '@postern/ledger';
import { Shelf } from '../src/shelf.js';
import { LiveClock, CapturedLog } from '@postern/testkit';
import {
  accepted,
  captured,
  capturing,
  compared,
  counted,
  factsOf,
  never,
  openBook,
  rejected,
  until,
  withdrawn,
  type OpenedBook,
} from './support/opened-book.js';

interface Place {
  readonly url: () => string;
  /** Takes the database away, and puts it back with what is in it. */
  readonly away: () => Promise<void>;
  readonly back: () => Promise<void>;
  /** Everything the database holds, as text. */
  readonly dump: () => Promise<string>;
}

let directory = '';
let room: ServerRoom;

const sqlite = (): Promise<Place> => {
  const path = join(directory, 'place', 'postern-migration.db');
  return Promise.resolve({
    url: () => `sqlite:${path}`,
    away: () => rename(join(directory, 'place'), join(directory, 'gone')),
    back: () => rename(join(directory, 'gone'), join(directory, 'place')),
    dump: async () => {
      const log = await readFile(`${path}-wal`).catch(() => Buffer.alloc(0));
      return Buffer.concat([await readFile(path), log]).toString('latin1');
    },
  });
};

const serverPlace =
  (start: typeof startPostgres): (() => Promise<Place>) =>
  async () => {
    const server = await start(room);
    return { url: () => server.url, away: () => server.stop(), back: () => server.start(), dump: () => server.output() };
  };

describeWithServers({ describe, it }, 'the book of a migration', () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'postern-ledger-'));
    room = await ServerRoom.open();
  });
  afterAll(async () => {
    await room.close();
    await rm(directory, { recursive: true });
  });

  describe.each([
    ['SQLite', sqlite],
    ['PostgreSQL', serverPlace(startPostgres)],
    ['MariaDB', serverPlace(startMariadb)],
  ] as const)('in %s', (name, make) => {
    let place: Place;
    let opened: OpenedBook[] = [];

    beforeAll(async () => {
      const { mkdir } = await import('node:fs/promises');
      if (name === 'SQLite') await mkdir(join(directory, 'place'));
      place = await make();
    }, 120_000);
    afterEach(async () => {
      await Promise.all(opened.map(({ book }) => book.stop()));
      for (const { clock } of opened) expect(clock.pending).toBe(0);
      opened = [];
    });

    const use = async (): Promise<OpenedBook> => {
      const one = openBook(place.url());
      opened.push(one);
      await one.book.start(never);
      return one;
    };

    it('makes its tables by itself, also when several do so at once', async () => {
      const early = openBook(place.url());
      expect(await early.book.health()).toEqual({ status: 'degraded', note: 'it is being opened' });
      await early.book.stop();
      const books = await Promise.all([use(), use(), use(), use()]);
      for (const { book, log } of books) {
        expect(await book.health()).toEqual({ status: 'up' });
        expect(await book.find('nobody@example.org', never)).toBeUndefined();
        expect(log.text()).not.toContain('cannot be written');
      }
    });

    it('goes on with the tables of an earlier version, which knew no digests', async () => {
      const { book: earlier } = await use();
      await earlier.keep(captured('eve@example.org'), never);
      await earlier.stop();
      const shelf = new Shelf({ url: place.url(), clock: new LiveClock(), log: new CapturedLog() });
      await shelf.prepare(never);
      for (const column of ['captured_digest', 'capturing_at', 'capturing_into', 'capturing_digest'])
        await shelf.run(`alter table postern_migration_users drop column ${column}`, [], never);
      await shelf.close(never);
      const books = await Promise.all([use(), use(), use()]);
      const [one] = books;
      await Promise.all(books.map(({ book }, index) => book.keep(captured(`later-${index}@example.org`, 'd2'), never)));
      expect(await one.book.find('later-1@example.org', never)).toMatchObject({ captured: { digest: 'd2' } });
      expect(await one.book.find('eve@example.org', never)).toMatchObject({ captured: { into: 'customers', digest: '' } });
    });

    it('remembers a user over a restart: captured, withdrawn, disabled and enabled again', async () => {
      const first = await use();
      first.book.note(accepted('anna@example.org'));
      first.book.note(captured('anna@example.org'));
      first.book.note({ kind: 'disabled', user: 'anna@example.org', store: 'staff' });
      first.book.note({ kind: 'disabled', user: 'anna@example.org', store: 'customers' });
      await first.book.stop();
      const second = await use();
      const entry = {
        captured: { into: 'customers', at: expect.any(Number) as unknown, digest: 'd1' },
        disabledIn: ['customers', 'staff'],
      };
      expect(await second.book.find('anna@example.org', never)).toEqual(entry);
      second.book.note(withdrawn('anna@example.org'));
      second.book.note({ kind: 'enabled', user: 'anna@example.org', store: 'customers' });
      expect(await second.book.find('anna@example.org', never)).toEqual({
        withdrawnAt: expect.any(Number) as unknown,
        disabledIn: ['staff'],
      });
      await second.book.stop();
      expect(await (await use()).book.find('anna@example.org', never)).toEqual({
        withdrawnAt: expect.any(Number) as unknown,
        disabledIn: ['staff'],
      });
    });

    it('outlives a process that is killed right after what was kept', async () => {
      const { book } = await use();
      const other = await use();
      await book.keep(capturing('kept@x.org', 'd2'), never);
      const begun = { into: 'customers', at: expect.any(Number) as unknown, digest: 'd2' };
      expect(await other.book.find('kept@x.org', never)).toEqual({ capturing: begun, disabledIn: [] });
      book.note(captured('kept@x.org', 'd2'));
      expect(await book.find('kept@x.org', never)).toEqual({ captured: begun, disabledIn: [] });
    });

    it('keeps what many want kept at once in a few writings', async () => {
      const { book, metrics } = await use();
      await Promise.all(
        Array.from({ length: 200 }, (_, index) => book.keep(capturing(`many${index}@x.org`), new AbortController().signal)),
      );
      expect(metrics.value('ledger_notes_total', { result: 'written' })).toBe(200);
      expect((await (await use()).book.find('many199@x.org', never))?.capturing?.digest).toBe('d1');
    });

    it('forgets what was begun once it is known what became of it, and knows a hash again that took the place of another', async () => {
      const { book } = await use();
      const user = 'begun@x.org';
      await book.keep(capturing(user, 'd1'), never);
      book.note({ kind: 'capture-failed', user, into: 'customers', why: 'deferred' });
      expect(await book.find(user, never)).toMatchObject({ capturing: { digest: 'd1' } });
      book.note({ kind: 'capture-failed', user, into: 'customers', why: 'conflict' });
      expect(await book.find(user, never)).toEqual({ disabledIn: [] });
      await book.keep(captured(user, 'd2'), never);
      const at = (await book.find(user, never))?.captured?.at ?? 0;
      await book.keep({ ...captured(user, 'd3'), since: at } as LedgerEvent, never);
      expect(await book.find(user, never)).toEqual({ captured: { into: 'customers', at, digest: 'd3' }, disabledIn: [] });
      await book.keep(capturing(user, 'd4'), never);
      book.note(withdrawn(user));
      expect(await (await use()).book.find(user, never)).toBeDefined();
      expect(await book.find(user, never)).toEqual({ withdrawnAt: expect.any(Number) as unknown, disabledIn: [] });
    });

    it('lists who is disabled in the old store and not in the new one', async () => {
      const { book } = await use();
      const barred = (user: string, ...stores: readonly string[]): void =>
        stores.forEach((store) => book.note({ kind: 'disabled', user: `${user}@barred.example`, store }));
      barred('both', 'staff', 'customers');
      barred('old', 'staff');
      barred('new', 'customers');
      barred('again', 'staff');
      book.note({ kind: 'enabled', user: 'again@barred.example', store: 'staff' });
      await book.stop();
      const { disabledInOld } = await factsOf(place.url());
      const here = disabledInOld.users.filter(({ user }) => user.endsWith('@barred.example'));
      expect(here.map(({ user }) => user)).toEqual(['old@barred.example']);
      expect(disabledInOld.total).toBe(disabledInOld.users.length);
    });

    it('tells names apart by every letter, whatever the database thinks of them', async () => {
      const { book } = await use();
      const names = [
        'a@x.org',
        'A@x.org',
        'a@x.org ',
        'ä@x.org',
        '__proto__',
        "o'neil@x.org",
        'n\u0000l@x.org',
        '%61@x.org',
        '😀@x.org',
        '漢@x.org',
      ];
      for (const name of names)
        book.note({ kind: 'captured', user: name, from: 'f', into: `into-${names.indexOf(name)}`, scheme: 's', digest: 'd' });
      await book.stop();
      const again = await use();
      for (const name of names) {
        expect(await again.book.find(name, never)).toMatchObject({ captured: { into: `into-${names.indexOf(name)}` } });
      }
      expect(await again.book.find('B@x.org', never)).toBeUndefined();
    });

    it('loses nothing when several write of the same users at once', async () => {
      const books = await Promise.all([use(), use(), use()]);
      const before = counted(await factsOf(place.url()), 'accepted');
      const users = Array.from({ length: 120 }, (_, index) => `u${index}@busy.example`);
      for (let round = 0; round < 10; round++) for (const { book } of books) for (const user of users) book.note(accepted(user));
      await Promise.all(books.map(({ book }) => book.stop()));
      const facts = await factsOf(place.url());
      expect(counted(facts, 'accepted') - before).toBe(10 * 3 * 120);
      expect(facts.domains.find(({ domain }) => domain === 'busy.example')).toMatchObject({ users: 120, active: 120, captured: 0 });
    }, 120_000);

    it('keeps the newer of two words about a user, whoever writes last', async () => {
      const [one, two] = [await use(), await use()];
      one.clock.aheadMs = 60_000;
      one.book.note(withdrawn('race@x.org'));
      two.book.note(captured('race@x.org'));
      await one.book.stop();
      await two.book.stop();
      expect(await (await use()).book.find('race@x.org', never)).toEqual({ withdrawnAt: expect.any(Number) as unknown, disabledIn: [] });
    });

    it('counts since when two stores say the same, and begins anew after a difference', async () => {
      const { book, clock } = await use();
      const user = 'same@since.example';
      const write = async (kind: Parameters<typeof compared>[1], aheadMs: number): Promise<void> => {
        clock.aheadMs = aheadMs;
        book.note(compared(user, kind));
        await until(async () => counted(await factsOf(place.url()), kind) === (seen[kind] ?? 0) + 1);
        seen[kind] = (seen[kind] ?? 0) + 1;
      };
      const facts0 = await factsOf(place.url());
      const seen: Record<string, number> = { match: counted(facts0, 'match'), 'ok/mismatch': counted(facts0, 'ok/mismatch'), undecided: 0 };
      const long = async (aheadMs: number): Promise<number | undefined> =>
        (await factsOf(place.url(), { matchingSince: Date.now() + aheadMs })).domains.find(({ domain }) => domain === 'since.example')
          ?.matchingLong;
      await write('match', 0);
      await write('match', 100_000);
      await write('undecided', 150_000);
      expect(await long(50_000)).toBe(1);
      await write('ok/mismatch', 200_000);
      const { mismatching } = await factsOf(place.url());
      expect(mismatching.users.map((one) => [one.user, one.comparedKind])).toContainEqual([user, 'ok/mismatch']);
      await write('match', 300_000);
      expect([await long(250_000), await long(400_000)]).toEqual([0, 1]);
    }, 120_000);

    it('gives names that only failed logins bring no place in the book', async () => {
      const { book } = await use();
      const before = await factsOf(place.url());
      for (let index = 0; index < 300; index++) book.note(rejected(`guess${index}@d${index}.attack`));
      book.note(compared('guess@undecided.attack', 'undecided'));
      await book.stop();
      const after = await factsOf(place.url());
      expect(after.domains).toEqual(before.domains);
      expect(counted(after, 'rejected') - counted(before, 'rejected')).toBe(300);
      expect(after.days.filter(({ domain }) => domain.endsWith('.attack'))).toEqual([]);
      expect(after.days.filter(({ domain, kind }) => domain === '?' && kind === 'rejected')).toHaveLength(1);
    });

    it('is written again after an outage, with everything that was noted meanwhile, and counts nothing twice', async () => {
      const { book, log, metrics } = await use();
      book.note(accepted('before@outage.example'));
      await until(() => metrics.value('ledger_notes_total', { result: 'written' }) >= 2);
      await place.away();
      await expect(book.keep(capturing('kept@outage.example'), never)).rejects.toThrow('cannot be written');
      await expect(book.keep(capturing('kept@outage.example'), AbortSignal.abort(new Error('gone')))).rejects.toThrow();
      for (let index = 0; index < 50; index++) book.note(accepted(`during${index}@outage.example`));
      await until(() => metrics.value('ledger_failures_total') > 0);
      expect(await book.health()).toMatchObject({ status: 'degraded' });
      await expect(book.find('before@outage.example', never)).rejects.toThrow();
      await expect(book.keep(capturing('before@outage.example'), never)).rejects.toThrow('cannot be written');
      book.note(accepted('late@outage.example'));
      await place.back();
      await until(async () => (await book.health()).status === 'up');
      await book.stop();
      const { domains, days } = await factsOf(place.url());
      expect(domains.find(({ domain }) => domain === 'outage.example')).toMatchObject({ users: 53 });
      const count = days.filter(({ domain, kind }) => domain === 'outage.example' && kind === 'accepted');
      expect(count.reduce((sum, { events }) => sum + events, 0)).toBe(52);
      expect(log.lines.filter(({ message }) => message.startsWith('the migration ledger cannot be written'))).toHaveLength(1);
    }, 120_000);

    it('holds no password, hash or value of an attribute', async () => {
      const { book } = await use();
      const secret = { password: 'geheim-4711', hash: '{SSHA}geheim-4711', value: 'geheim-4711' };
      const comparison = {
        user: 'x@x.org',
        answering: 'a',
        other: 'b',
        kind: 'attributes',
        differing: ['host'],
        answeringMs: 1,
        otherMs: 1,
        ...secret,
      };
      book.note({ kind: 'compared', comparison } as never);
      book.note({ ...captured('x@x.org'), ...secret });
      await book.stop();
      expect(await place.dump()).toContain('x@x.org');
      expect(await place.dump()).not.toContain('geheim');
    });

    it('keeps the steps of an operator, and their reasons', async () => {
      const reader = new LedgerReader({ url: place.url(), clock: new LiveClock(), log: new CapturedLog() });
      await reader.addStep(1000, '2→3 example.org', 'Müller said: 100 %, "now"', never);
      await reader.addStep(2000, '3→4', 'x'.repeat(9000), never);
      const { steps } = await factsOf(place.url());
      expect(steps.map(({ at, step }) => [at, step])).toEqual([
        [2000, '3→4'],
        [1000, '2→3 example.org'],
      ]);
      expect(steps[0]?.reason).toBe(`${'x'.repeat(220)}…`);
      expect(steps[1]?.reason).toBe('Müller said: 100 %, "now"');
      const { book } = await use();
      book.note(accepted('old@settled.example', 'staff'));
      book.note(accepted('new@settled.example', 'customers'));
      await book.stop();
      const asked = ['old@settled.example', 'new@settled.example', 'nobody@settled.example'];
      expect(await reader.settled(asked, 'customers', never)).toEqual(new Set(['new@settled.example']));
      await reader.close();
    });

    if (name === 'SQLite') {
      it('is a file that only its owner reads', async () => {
        await use();
        expect((await stat(place.url().slice('sqlite:'.length))).mode & 0o777).toBe(0o600);
      });
    }
  });
});
