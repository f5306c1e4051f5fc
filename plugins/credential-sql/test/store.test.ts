import { createHash, createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isOfThisLogin, type LoginAttempt, type Verdict } from '@postern/contract';
import { attempt, ServerRoom, type AttemptParts, type StoreUnderTest } from '@postern/testkit';
import { ann, bcrypt, liveServices, makeStore, never } from './support/people.js';
import { createSqlite } from './support/sqlite.js';

const schema = `
create table people (email text, password text, enabled text, host text, quota integer, __proto__ text, canonical text);
insert into people values
  ('ann@example.org', '${bcrypt}', 'y', 'mail-a', 1000, 'odd', 'ann@example.org'),
  ('plain@example.org', '{PLAIN}Sesame', '1', null, null, null, null),
  ('bare@example.org', 'Sesame', 'Y', '', null, null, ''),
  ('alias@example.org', '{PLAIN}Sesame', 'true', null, null, null, 'ann@example.org'),
  ('twice@example.org', '{PLAIN}One', '1', null, null, null, null),
  ('twice@example.org', '{PLAIN}Two', '1', null, null, null, null),
  ('empty@example.org', '', '1', null, null, null, null),
  ('null@example.org', null, '1', null, null, null, null),
  ('weak@example.org', '{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=', '1', null, null, null, null),
  ('broken@example.org', '{ARGON2ID}nonsense', '1', null, null, null, null),
  ('odd@example.org', '{PLAIN}Sesame', 'perhaps', null, null, null, null),
  ('nothing@example.org', '{PLAIN}Sesame', null, null, null, null, null),
  ('off@example.org', '{PLAIN}Sesame', 'n', null, null, null, null),
  ('evil@example.org', '{PLAIN}Sesame', '1', null, null, null, 'x' || char(13) || char(10) || 'Auth-Server: 1');`;

const query = 'select password, enabled, host, quota, __proto__, canonical as user from people where email = {user}';

describe('the store sql', () => {
  let room: ServerRoom;
  const opened: StoreUnderTest[] = [];

  beforeAll(async () => {
    room = await ServerRoom.open();
    await createSqlite(room.path('people.db'), schema);
  });
  afterAll(async () => {
    for (const store of opened) await store.stop?.(never);
    await room.close();
  });

  const open = (more: object = {}, services = liveServices()): StoreUnderTest => {
    const store = makeStore({ url: 'sqlite:people.db', query, allowWeak: ['PLAIN'], ...more }, services, room.folder);
    opened.push(store);
    return store;
  };
  const verify = async (parts: AttemptParts, store = open()): Promise<Verdict> => {
    try {
      return await store.verify(attempt(parts), never);
    } catch (cause) {
      return { kind: 'deferred', cause };
    }
  };
  const as = (user: string, password = 'Sesame'): AttemptParts => ({ user: `${user}@example.org`, password });

  it('says whose account it is that a wrong password was tried at, where the login is another name of it', async () => {
    expect(await verify(as('alias', 'wrong'))).toEqual({ kind: 'rejected', user: 'ann@example.org' });
    expect(await verify({ ...ann, password: 'wrong' })).toEqual({ kind: 'rejected' });
  });

  it.each(['twice', 'weak', 'broken', 'odd', 'evil'])('blames nobody else for what stands at %s', async (user) => {
    const verdict = await verify(as(user));
    expect(verdict).toMatchObject({ kind: 'deferred' });
    expect(verdict.kind === 'deferred' && isOfThisLogin(verdict.cause)).toBe(true);
  });

  it('takes the columns by their names: all others are attributes, and NULL is none', async () => {
    const verdict = await verify(ann);
    expect(verdict).toEqual({
      kind: 'accepted',
      account: {
        user: ann.user,
        attributes: Object.fromEntries([
          ['host', 'mail-a'],
          ['quota', '1000'],
          ['__proto__', 'odd'],
        ]),
      },
    });
    expect(verdict.kind === 'accepted' && Object.getPrototypeOf(verdict.account.attributes)).toBe(Object.prototype);
    expect(await verify(as('plain'))).toEqual({ kind: 'accepted', account: { user: 'plain@example.org', attributes: {} } });
  });

  it('reads column names in any case, and keeps the first of two attributes of one name', async () => {
    const store = open({ query: 'select PASSWORD, host, quota as host, ENABLED from people where email = {user}' });
    expect(await verify(ann, store)).toEqual({ kind: 'accepted', account: { user: ann.user, attributes: { host: 'mail-a' } } });
    const two = open({ query: 'select password, host as password from people where email = {user}' });
    expect(await verify(ann, two)).toMatchObject({
      kind: 'deferred',
      cause: { message: expect.stringContaining('two columns') as unknown },
    });
  });

  it('names the account by the column user, so that two logins are one person', async () => {
    expect(await verify(as('alias'))).toMatchObject({ kind: 'accepted', account: { user: 'ann@example.org' } });
    expect(await verify(as('evil'))).toMatchObject({ kind: 'deferred' });
  });

  it('makes nobody of a name, and nothing of a password, in bytes that are no UTF-8: what differs in them would be one', async () => {
    const bytes = "x'6dfc6c6c6572'";
    const cases = [`'{PLAIN}Sesame' as password, ${bytes} as user`, `x'7b504c41494e7d73fc' as password`];
    for (const columns of cases) {
      const store = open({ query: `select ${columns} where {user} is not null` });
      for (const password of ['Sesame', 's\u{fffd}'])
        expect(await verify(as('anybody', password), store)).toMatchObject({ kind: 'deferred', cause: { name: 'DataTrouble' } });
    }
  });

  it('names the server that cannot be asked in the log', async () => {
    const services = liveServices();
    const store = open({ url: ['postgres://u@127.0.0.1:1/d', 'postgres://u@127.0.0.1:2/d'] }, services);
    await expect(store.start?.(never)).rejects.toThrow();
    for (const port of [1, 2]) expect(services.log.text()).toMatch(new RegExp(`"?server"?: ?"?'?127.0.0.1:${port}`));
  });

  it('defers when the query gives two rows, whatever stands in them', async () => {
    for (const password of ['One', 'Two', 'Three']) expect(await verify(as('twice', password))).toMatchObject({ kind: 'deferred' });
  });

  it('lets nobody in whose password is empty or NULL', async () => {
    for (const user of ['empty', 'null']) {
      for (const password of ['', 'x', 'null', '{PLAIN}']) expect((await verify(as(user, password))).kind).toBe('rejected');
    }
  });

  it('rule 31: answers APOP and CRAM-MD5 where the password is kept in clear text, and hands it on', async () => {
    const salt = '<1896.697170952@postern>';
    const apop = createHash('md5').update(`${salt}Sesame`).digest('hex');
    const cram = createHmac('md5', 'Sesame').update(salt).digest('hex');
    const proofs = [
      { mechanism: 'apop', salt, digest: apop },
      { mechanism: 'cram-md5', salt, digest: cram },
    ] as const;
    for (const proof of proofs) {
      const protocol: LoginAttempt['protocol'] = proof.mechanism === 'apop' ? 'pop3' : 'imap';
      const ask = (user: string, store = open()) => verify({ user: `${user}@example.org`, proof, protocol }, store);
      expect(await ask('plain')).toMatchObject({ kind: 'accepted', account: { secret: 'Sesame' } });
      expect(await ask('ann')).toEqual({ kind: 'rejected' });
      expect(await ask('nobody')).toEqual({ kind: 'unknown-user' });
      expect(await ask('off')).toEqual({ kind: 'refused', why: 'disabled', proofHeld: true });
      expect(await ask('plain', open({ allowWeak: [] }))).toEqual({ kind: 'rejected' });
      expect(await verify({ user: 'plain@example.org', proof: { ...proof, digest: 'f'.repeat(32) }, protocol })).toEqual({
        kind: 'rejected',
      });
    }
  });

  it('takes weak schemes only where they are allowed, and calls broken hashes nobody’s mistake', async () => {
    expect((await verify(as('weak', 'hello'))).kind).toBe('deferred');
    expect((await verify(as('broken'))).kind).toBe('deferred');
    expect((await verify(as('plain'), open({ allowWeak: [] }))).kind).toBe('deferred');
    expect((await verify(as('bare'), open({ defaultScheme: 'plain' }))).kind).toBe('accepted');
    expect((await verify(as('bare', 'sesame'), open({ defaultScheme: 'PLAIN' }))).kind).toBe('rejected');
  });

  it('refuses who is not enabled, with NULL as no, and defers where that cannot be told', async () => {
    for (const user of ['off', 'nothing']) {
      expect(await verify(as(user))).toEqual({ kind: 'refused', why: 'disabled', proofHeld: true });
      expect(await verify(as(user, 'wrong'))).toEqual({ kind: 'refused', why: 'disabled', proofHeld: false });
    }
    expect((await verify(as('odd'))).kind).toBe('deferred');
    expect((await verify(as('odd', 'wrong'))).kind).toBe('deferred');
  });

  it('binds every variable of a login', async () => {
    const all =
      'select {user} as u, {local} as l, {domain} as d, {protocol} as p, {clientIp} as i, password from people where email = {user}';
    const verdict = await verify({ ...as('plain'), protocol: 'smtp', client: { ip: '2001:db8::1' } }, open({ query: all }));
    expect(verdict).toMatchObject({
      account: { attributes: { u: 'plain@example.org', l: 'plain', d: 'example.org', p: 'smtp', i: '2001:db8::1' } },
    });
  });

  it('rule 59: spends on unknown users what it spends on wrong passwords', async () => {
    const store = open();
    await store.start?.(never);
    const spent = async (parts: AttemptParts): Promise<number> => {
      const before = process.cpuUsage();
      for (let asked = 0; asked < 4; asked += 1) await verify(parts, store);
      return process.cpuUsage(before).user;
    };
    // Nobody was seen yet: bcrypt of the usual cost is supposed.
    expect(await spent(as('nobody'))).toBeGreaterThan(10 * (await spent(as('plain', 'wrong'))));
    expect(await spent({ ...as('nobody'), unseen: true })).toBeLessThan(100_000);
    // A user with a cheap hash was seen by now, and decides.
    expect(await spent(as('nobody'))).toBeLessThan(100_000);
  });

  it('looks up without a login, by a statement of its own where the query needs one', async () => {
    const look = async (store: StoreUnderTest, user: string) => store.lookup?.(`${user}@example.org`, never);
    expect(await look(open(), 'ann')).toMatchObject({ kind: 'found', account: { user: 'ann@example.org' } });
    expect(await look(open(), 'null')).toMatchObject({ kind: 'found' });
    expect(await look(open(), 'off')).toEqual({ kind: 'refused', why: 'disabled' });
    expect(await look(open(), 'no\0body')).toEqual({ kind: 'unknown-user' });
    await expect(look(open(), 'twice')).rejects.toThrow(/2 rows/);
    const narrow = { query: `${query} and {protocol} <> 'smtp'` };
    expect(await look(open(narrow), 'ann')).toMatchObject({ kind: 'deferred' });
    expect(await look(open({ ...narrow, lookup: 'select host from people where email = {user}' }), 'ann')).toMatchObject({ kind: 'found' });
  });

  it('says at the start that the query does not work, and comes to life when it does', async () => {
    await createSqlite(room.path('late.db'), 'create table other (a text)');
    const store = open({ url: 'sqlite:late.db' });
    await expect(store.start?.(never)).rejects.toThrow(/the query does not work: .*no such table/);
    expect(await store.health?.(never)).toMatchObject({ status: 'degraded', note: expect.stringContaining('no such table') as unknown });
    expect((await verify(ann, store)).kind).toBe('deferred');
    await createSqlite(room.path('late.db'), schema);
    await store.start?.(never);
    expect(await store.health?.(never)).toEqual({ status: 'up' });
    expect((await verify(ann, store)).kind).toBe('accepted');
    const unnamed = open({ query: 'select host from people where email = {user} -- password' });
    await expect(unnamed.start?.(never)).rejects.toThrow(/no column that is called password/);
  });

  describe('keeps a hash', () => {
    const enroll = 'update people set password = {password} where email = {user} and password is {previous}';
    const account = { user: 'new@example.org', attributes: {} };
    const hash = '{SSHA512}a-made-up-hash-for-this-test';

    it('where it was configured, and nowhere else', () => {
      expect('enroll' in open()).toBe(false);
      expect('enroll' in open({ enroll })).toBe(true);
    });

    it('when the one before is still there, or when there is none', async () => {
      await createSqlite(room.path('enroll.db'), `${schema} insert into people (email) values ('new@example.org');`);
      const store = open({ url: 'sqlite:enroll.db', enroll });
      const keep = async (previous?: string) => store.enroll?.(account, { hash, ...(previous === undefined ? {} : { previous }) }, never);
      expect(await keep('another')).toEqual({ kind: 'conflict' });
      expect(await keep()).toEqual({ kind: 'enrolled' });
      expect(await keep()).toEqual({ kind: 'conflict' });
      expect(await keep(hash)).toEqual({ kind: 'enrolled' });
      expect(await store.enroll?.({ ...account, user: 'nobody@example.org' }, { hash }, never)).toEqual({ kind: 'conflict' });
    });

    it('with attributes of the account, and NULL for those that it lacks', async () => {
      await createSqlite(room.path('attributes.db'), `${schema} delete from people;`);
      const insert =
        'insert into people (email, password, host, enabled) values ({user}, {password}, {attributes.host}, {attributes.__proto__})';
      const store = open({
        url: 'sqlite:attributes.db',
        enroll: insert,
        query: 'select password, host, enabled as a from people where email = {user}',
      });
      const keep = (user: string, attributes: Readonly<Record<string, string>>) => store.enroll?.({ user, attributes }, { hash }, never);
      expect(
        await keep(
          'one@example.org',
          Object.fromEntries([
            ['host', "mail-a'; --"],
            ['__proto__', 'odd'],
          ]),
        ),
      ).toEqual({ kind: 'enrolled' });
      expect(await keep('two@example.org', { other: 'x' })).toEqual({ kind: 'enrolled' });
      const found = (user: string, attributes: object): object => ({ kind: 'found', account: { user, attributes } });
      expect(await store.lookup?.('one@example.org', never)).toEqual(found('one@example.org', { host: "mail-a'; --", a: 'odd' }));
      expect(await store.lookup?.('two@example.org', never)).toEqual(found('two@example.org', {}));
    });

    it('of one user at a time, and says nothing of the hash when that fails', async () => {
      await createSqlite(room.path('careless.db'), schema);
      const services = liveServices();
      const careless = open(
        { url: 'sqlite:careless.db', enroll: 'update people set password = {password} where {user} <> {previous}' },
        services,
      );
      const outcome = await careless.enroll?.(account, { hash, previous: 'x' }, never);
      expect(outcome).toMatchObject({ kind: 'deferred', cause: { message: expect.stringContaining('too-many-rows') as unknown } });
      expect((await verify(ann, careless)).kind).toBe('accepted');
      const bad = open({ url: 'sqlite:careless.db', enroll: 'insert into nothing select {user}, {password}, {previous}' }, services);
      const failed = await bad.enroll?.(account, { hash }, never);
      expect(failed?.kind).toBe('deferred');
      expect(inspect([outcome, failed, services.log.text(), await bad.health?.(never)], { depth: 9 })).not.toContain(hash);
    });
  });
});
