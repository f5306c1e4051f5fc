import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import Libsql from 'libsql';
import { GivenUp, StatementFailed, Unreachable, type Database } from '@postern/sql';
import { ask, bound, never } from './support/open.js';
import { OpenDatabases } from './support/open-databases.js';

const endless = 'with recursive c(n) as (select 1 union all select n + 1 from c) select count(*), {a} from c';

describe('a SQLite file', () => {
  let directory = '';
  let databases = new OpenDatabases();
  const path = (name = 'mail.db'): string => join(directory, name);

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'postern-sqlite-'));
  });
  beforeEach(() => {
    const made = new Libsql(path());
    made.exec(
      "drop table if exists t; create table t (a text primary key, b text, i integer, r real, x blob); insert into t values ('one', '1', 9007199254740993, 0.5, x'7261'), ('two', '2', null, 1, null)",
    );
    made.close();
  });
  afterEach(async () => {
    await databases.stop();
    expect(databases.left).toBe(0);
    databases = new OpenDatabases();
  });
  afterAll(() => rm(directory, { recursive: true }));

  const use = (more: object = {}, writes = false): Database => databases.open('sqlite:mail.db', more, writes, directory);
  const query = (database: Database, text = 'select b from t where a = {a}', a = 'one') =>
    database.query(ask(text, 'sqlite'), bound({ a }), never);

  it('gives its values as texts', async () => {
    expect(await query(use(), 'select * from t where a = {a}')).toEqual({
      columns: ['a', 'b', 'i', 'r', 'x'],
      rows: [['one', '1', '9007199254740993', '0.5', 'ra']],
    });
  });

  it('in WAL mode says what it needs where the file beside it cannot be made', async () => {
    const made = new Libsql(path('wal.db'));
    made.exec("pragma journal_mode = wal; create table t (a text, b text); insert into t values ('one', '1')");
    made.close();
    await mkdir(path('wal.db-wal'));
    const database = databases.open('sqlite:wal.db', {}, false, directory);
    await expect(query(database)).rejects.toThrow(/SQLITE_CANTOPEN.* \(a file in WAL mode needs a folder that may be written\)/);
    await rm(path('wal.db-wal'), { recursive: true });
    await database.start(never);
    expect((await query(database)).rows).toEqual([['1']]);
  });

  it('does a batch together or not at all', async () => {
    const database = use({}, true);
    const order = (text: string, a: string) => ({ statement: ask(text, 'sqlite'), bindings: bound({ a }) });
    await database.batch([order("update t set b = 'x' where a <> {a}", ''), order('insert into t (a) values ({a})', 'three')], never);
    expect((await query(database, "select count(*) from t where b = 'x' and a <> {a}", '')).rows).toEqual([['2']]);
    await expect(
      database.batch([order('delete from t where a <> {a}', ''), order('insert into nothing values ({a})', 'x')], never),
    ).rejects.toThrow(StatementFailed);
    expect((await query(database, 'select count(*) from t where a <> {a}', '')).rows).toEqual([['3']]);
  });

  it('sees a schema that changed under it', async () => {
    const database = use({ pool: { max: 1 } });
    await query(database, 'select * from t where a = {a}');
    const other = new Libsql(path());
    other.exec('alter table t drop column b; alter table t add column z text default 9');
    other.close();
    const { columns, rows } = await query(database, 'select * from t where a = {a}');
    expect(columns).toEqual(['a', 'i', 'r', 'x', 'z']);
    expect(rows[0]?.[4]).toBe('9');
  });

  it('ends a statement that takes too long or that nobody waits for, while the process goes on', async () => {
    const database = use({ timeout: '150ms', pool: { max: 1 } });
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 5);
    await expect(query(database, endless)).rejects.toThrow(/did not answer within/);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
    const patient = use({ timeout: '20s', pool: { max: 1 } });
    const abort = new AbortController();
    const asked = patient.query(ask(endless, 'sqlite'), bound({ a: 'x' }), abort.signal);
    setTimeout(() => abort.abort(new Error('given up')), 30);
    await expect(asked).rejects.toThrow(GivenUp);
    expect((await query(patient)).rows).toEqual([['1']]);
  });

  it('is never made when it is not there, and answers as soon as it is', async () => {
    await rename(path(), path('away.db'));
    const database = use();
    await expect(database.start(never)).rejects.toThrow(/not there/);
    await expect(query(database)).rejects.toThrow(Unreachable);
    await rename(path('away.db'), path());
    await database.start(never);
    expect((await query(database)).rows).toEqual([['1']]);
  });

  it('is opened anew when another file took its name', async () => {
    const database = use({ pool: { max: 2 } });
    expect((await query(database)).rows).toEqual([['1']]);
    await copyFile(path(), path('next.db'));
    const next = new Libsql(path('next.db'));
    next.exec("update t set b = 'next' where a = 'one'");
    next.close();
    await rename(path('next.db'), path());
    expect((await query(database)).rows).toEqual([['next']]);
    await writeFile(path('garbage.db'), 'no database'.repeat(1000));
    await rename(path('garbage.db'), path());
    await expect(query(database)).rejects.toThrow(Unreachable);
    await rm(path());
  });

  it('waits for somebody who writes, and not for ever', async () => {
    const writer = new Libsql(path());
    writer.exec('begin exclusive');
    const database = use({ timeout: '5s', connectTimeout: '5s' });
    const asked = query(database);
    setTimeout(() => writer.exec('commit'), 100);
    expect((await asked).rows).toEqual([['1']]);
    writer.exec('begin exclusive');
    const hasty = use({ timeout: '100ms', connectTimeout: '100ms' });
    await expect(query(hasty)).rejects.toThrow(/did not|busy|locked/i);
    writer.exec('commit');
    writer.close();
  });

  it('takes no changes unless there is something to change', async () => {
    const change = (database: Database, text: string) => database.change(ask(text, 'sqlite'), bound({ a: 'one' }), never);
    await expect(query(use(), "update t set b = 'x' where a = {a} returning b")).rejects.toThrow(/readonly|read.only/i);
    const database = use({}, true);
    expect(await change(database, "update t set b = 'new' where a = {a}")).toBe(1);
    expect(await change(database, "update t set b = 'new' where a = {a} and b = 'old'")).toBe(0);
    await expect(change(database, "update t set b = 'all' where a = {a} or true")).rejects.toThrow(/2 rows/);
    expect((await query(database, 'select b from t where a = {a}')).rows).toEqual([['new']]);
    await expect(change(database, 'update nothing set b = {a}')).rejects.toThrow(StatementFailed);
  });
});
