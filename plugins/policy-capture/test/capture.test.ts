import { afterEach, describe, expect, it } from '@jest/globals';
import { checkPassword } from '@postern/passwords';
import { attempt } from '@postern/testkit';
import { inspect } from 'node:util';
import { digestOf } from '../src/captures.js';
import { MemoryStore } from './support/memory-store.js';
import { ann, never, plain, Stage, type StageOptions } from './support/stage.js';

const rules = { defaultScheme: 'PLAIN', allowWeak: ['PLAIN'] };

describe('capture', () => {
  const stages: Stage[] = [];
  afterEach(async () => {
    for (const stage of stages.splice(0)) await stage.close();
  });

  const open = async (options: StageOptions = {}): Promise<Stage> => {
    const stage = await Stage.open(options);
    stages.push(stage);
    if (options.staff === undefined) stage.staff.add(ann, { hash: plain('right') });
    if (options.customers === undefined) stage.customers.add(ann);
    return stage;
  };
  /** The password is changed in the old store while its hash is on the way to the new one. */
  const changingMeanwhile = async (): Promise<Stage> => {
    const stage = await open({ config: { disabledInEither: false } });
    stage.staff.add(ann, { hash: plain('right'), changedAt: 1000 });
    stage.customers.gates.set('enroll', () => {
      stage.staff.add(ann, { hash: plain('new'), changedAt: 2000 });
      return Promise.resolve();
    });
    return stage;
  };
  const fits = async (stage: Stage, password: string, user = ann): Promise<boolean> =>
    (await checkPassword(Buffer.from(password), stage.customers.users.get(user)?.hash ?? '', rules)) === 'match';

  it('keeps the hash of a password that the old store took', async () => {
    const stage = await open();
    expect(await stage.login()).toMatchObject({ kind: 'accepted', account: { user: ann } });
    await stage.quiet();
    expect(stage.customers.users.get(ann)?.hash).toMatch(/^\{SSHA512\}/);
    expect(await fits(stage, 'right')).toBe(true);
    expect(stage.noted('captured')).toEqual([
      { kind: 'captured', user: ann, from: 'staff', into: 'customers', scheme: 'SSHA512', digest: expect.any(String) as unknown },
    ]);
    expect(stage.counted('captured')).toBe(1);
  });

  it.each([
    ['argon2id', /^\{ARGON2ID\}\$argon2id\$/],
    ['bcrypt', /^\{BLF-CRYPT\}\$2/],
    ['sha512-crypt', /^\{SHA512-CRYPT\}\$6\$/],
  ])('makes hashes of %s', async (scheme, like) => {
    const stage = await open({ config: { scheme } });
    await stage.login();
    while (stage.counted('captured') === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(stage.customers.users.get(ann)?.hash).toMatch(like);
    expect(await fits(stage, 'right')).toBe(true);
  });

  it('never lets the login wait for it', async () => {
    const stage = await open({ config: { disabledInEither: false } });
    let open1: () => void = () => undefined;
    stage.customers.gates.set('kept', () => new Promise<void>((go) => (open1 = go)));
    expect((await stage.login()).kind).toBe('accepted');
    expect(stage.customers.asked).toEqual([]);
    await stage.quiet();
    expect(stage.customers.asked).toEqual([`kept ${ann}`]);
    open1();
    await stage.quiet();
    expect(stage.counted('captured')).toBe(1);
  });

  it('captures nothing of a login that was not let in, was answered from memory, or held no password', async () => {
    const stage = await open();
    await stage.login({ password: 'wrong' });
    await stage.login({ user: 'nobody@example.org' });
    const remembered = stage.policy.around(() => Promise.resolve({ kind: 'accepted', account: { user: ann, attributes: {} } }));
    await stage.login({}, remembered);
    for (const proof of [
      { mechanism: 'cram-md5', salt: '<1@x>', digest: '0'.repeat(32) },
      { mechanism: 'external', certificate: { subject: 'CN=x', issuer: 'CN=y', serial: '01', fingerprint: '0'.repeat(40) } },
      { mechanism: 'none', from: '', to: ann, helo: 'x' },
      { mechanism: 'xoauth2', token: 'x' },
    ] as const) {
      const login = attempt({ user: ann, proof });
      stage.services.stores.tell(login, { store: 'staff', kind: 'accepted' });
      expect((await remembered(login, never)).kind).toBe('accepted');
    }
    await stage.quiet();
    expect(stage.customers.asked).toEqual([]);
    expect(stage.services.ledger.noted.filter(({ kind }) => kind === 'captured' || kind === 'capture-failed')).toEqual([]);
  });

  it('captures nothing of a password that another policy refused', async () => {
    const stage = await open();
    const chain = stage.chain('staff');
    const refusing = stage.policy.around(async (login, signal) => {
      await chain(login, signal);
      return { kind: 'refused', why: 'policy', proofHeld: true };
    });
    expect((await stage.login({}, refusing)).kind).toBe('refused');
    await stage.quiet();
    expect(stage.customers.asked).toEqual([]);
  });

  it('asks and computes once, not at each login, and again when somebody tells of a change', async () => {
    const stage = await open();
    for (let time = 0; time < 5; time += 1) {
      await stage.login();
      await stage.quiet();
    }
    expect(stage.customers.asked).toEqual([`kept ${ann}`, `enroll ${ann}`]);
    stage.services.changes.announce({ user: ann });
    await stage.login();
    await stage.quiet();
    expect(stage.customers.asked).toEqual([`kept ${ann}`, `enroll ${ann}`, `kept ${ann}`]);
    expect(stage.counted('captured')).toBe(1);
  });

  it('is one capture for two logins at once', async () => {
    const stage = await open();
    await Promise.all([stage.login(), stage.login(), stage.login()]);
    await stage.quiet();
    expect(stage.noted('captured')).toHaveLength(1);
    expect(stage.noted('capture-failed')).toEqual([]);
  });

  it('is one capture for two workers at once: who comes second finds its own password there', async () => {
    const customers = new MemoryStore().add(ann);
    const both: (() => void)[] = [];
    const gate = new Promise<void>((go) => both.push(go));
    let arrived = 0;
    customers.gates.set('enroll', async () => {
      arrived += 1;
      if (arrived === 2) both[0]?.();
      await gate;
    });
    const staff = new MemoryStore().add(ann, { hash: plain('right') });
    const [one, two] = [await open({ staff, customers }), await open({ staff, customers })];
    await Promise.all([one.login(), two.login()]);
    await Promise.all([one.quiet(), two.quiet()]);
    await one.quiet();
    expect(arrived).toBe(2);
    expect(one.counted('captured') + two.counted('captured')).toBe(1);
    expect([...one.noted('capture-failed'), ...two.noted('capture-failed')]).toEqual([]);
    expect(await fits(one, 'right')).toBe(true);
  });

  it('leaves another password in the new store alone, and tells of it', async () => {
    const stage = await open();
    stage.customers.add(ann, { hash: plain('their own') });
    await stage.login();
    await stage.quiet();
    expect(stage.customers.users.get(ann)?.hash).toBe(plain('their own'));
    expect(stage.noted('capture-failed')).toEqual([{ kind: 'capture-failed', user: ann, into: 'customers', why: 'conflict' }]);
    expect(stage.counted('conflict')).toBe(1);
  });

  it('replaces another password where it is one that was captured, or where `overwrite` says so', async () => {
    const stage = await open();
    stage.customers.add(ann, { hash: plain('captured long ago') });
    stage.known(ann);
    await stage.login();
    await stage.quiet();
    expect(await fits(stage, 'right')).toBe(true);
    expect(stage.services.changes.announced).toEqual([{ user: ann }]);
    const careless = await open({ config: { overwrite: true } });
    careless.customers.add(ann, { hash: plain('their own') });
    await careless.login();
    await careless.quiet();
    expect(await fits(careless, 'right')).toBe(true);
  });

  it('leaves a hash alone while the ledger cannot say whose it is', async () => {
    const stage = await open();
    stage.customers.add(ann, { hash: plain('whose?') });
    stage.services.ledger.trouble = new Error('the ledger is out');
    await stage.login();
    await stage.quiet();
    expect(stage.customers.users.get(ann)?.hash).toBe(plain('whose?'));
    expect(stage.noted('capture-failed')).toEqual([{ kind: 'capture-failed', user: ann, into: 'customers', why: 'deferred' }]);
  });

  it('does not let an old password win over a change that was captured by a later login', async () => {
    const stage = await open();
    let late: () => void = () => undefined;
    const chain = stage.chain('staff');
    const slowly = stage.policy.around(async (login, signal) => {
      const verdict = await chain(login, signal);
      await new Promise<void>((go) => (late = go));
      return verdict;
    });
    const old = stage.login({}, slowly);
    await stage.quiet();
    stage.staff.add(ann, { hash: plain('new') });
    await stage.login({ password: 'new' });
    await stage.quiet();
    late();
    await old;
    await stage.quiet();
    expect(await fits(stage, 'new')).toBe(true);
    expect(stage.counted('dropped')).toBe(1);
  });

  it('does not let an old password win over what another worker captured meanwhile', async () => {
    const stage = await open();
    let late: () => void = () => undefined;
    const chain = stage.chain('staff');
    const slowly = stage.policy.around(async (login, signal) => {
      const verdict = await chain(login, signal);
      await new Promise<void>((go) => (late = go));
      return verdict;
    });
    const old = stage.login({}, slowly);
    await stage.quiet();
    stage.customers.add(ann, { hash: plain('new') });
    stage.known(ann, 0);
    late();
    await old;
    await stage.quiet();
    expect(stage.customers.users.get(ann)?.hash).toBe(plain('new'));
    expect(stage.counted('dropped')).toBe(1);
  });

  it('takes a hash back when the password was changed in the old store while it was on its way', async () => {
    const stage = await changingMeanwhile();
    await stage.login();
    await stage.quiet();
    expect(stage.customers.users.get(ann)).toEqual({});
    expect(stage.noted('captured')).toEqual([]);
    stage.customers.gates.clear();
    await stage.login({ password: 'new' });
    await stage.quiet();
    expect(await fits(stage, 'new')).toBe(true);
    expect(stage.noted('captured')).toHaveLength(1);
  });

  it('leaves the ledger to who replaced such a hash meanwhile, or it would be known as nobody’s', async () => {
    const stage = await changingMeanwhile();
    stage.customers.gates.set('withdraw', () => {
      stage.customers.add(ann, { hash: plain('new') });
      stage.known(ann, 0);
      return Promise.resolve();
    });
    await stage.login();
    await stage.quiet();
    expect([stage.noted('captured'), stage.counted('dropped')]).toEqual([[], 1]);
    expect(stage.services.ledger.entries.get(ann)).toMatchObject({ captured: { digest: digestOf(plain('new')) } });
  });

  it('does not call such a hash captured when it cannot be taken back now: the old store would not be asked about it again', async () => {
    const stage = await changingMeanwhile();
    stage.customers.gates.set('withdraw', () => Promise.reject(new Error('down')));
    await stage.login();
    await stage.quiet();
    expect([stage.noted('captured'), stage.counted('failed')]).toEqual([[], 1]);
    expect(stage.services.ledger.entries.get(ann)).toHaveProperty('capturing');
  });

  it('keeps no hash of a password that the scheme would cut off', async () => {
    const stage = await open({ config: { scheme: 'bcrypt' } });
    const long = 'x'.repeat(73);
    stage.staff.add(ann, { hash: plain(long) });
    expect((await stage.login({ password: long })).kind).toBe('accepted');
    await stage.quiet();
    expect(stage.customers.users.get(ann)).toEqual({});
    expect(stage.counted('unfit')).toBe(1);
  });

  it('finds the person in the new store under the name that store gives, and tells the ledger the old one’s', async () => {
    const stage = await open();
    stage.staff.add('a.smith@example.org', { hash: plain('right'), user: ann });
    stage.customers.add(ann, { user: 'u1000@example.org' }).add('u1000@example.org');
    await stage.login({ user: 'a.smith@example.org' });
    await stage.quiet();
    expect(await fits(stage, 'right', 'u1000@example.org')).toBe(true);
    expect(stage.noted('captured')).toMatchObject([{ user: ann }]);
  });

  it('fails once at a new store that is out, and tries again at the next login', async () => {
    const stage = await open();
    stage.customers.down = true;
    expect((await stage.login()).kind).toBe('accepted');
    await stage.quiet();
    await stage.services.clock.step(600_000);
    expect(stage.noted('capture-failed')).toEqual([{ kind: 'capture-failed', user: ann, into: 'customers', why: 'deferred' }]);
    expect(stage.services.log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    stage.customers.down = false;
    await stage.login();
    await stage.quiet();
    expect(stage.counted('captured')).toBe(1);
    expect(stage.services.log.lines.at(-1)?.message).toBe('hashes can be kept again');
  });

  it('recognises a hash that arrived although nobody said so', async () => {
    const stage = await open();
    const enroll = stage.customers.enroll.bind(stage.customers);
    stage.customers.enroll = async (account, password) => {
      await enroll(account, password);
      return { kind: 'deferred', cause: new Error('the answer was lost') };
    };
    stage.services.stores.put('customers', stage.customers);
    await stage.login();
    await stage.quiet();
    expect(stage.noted('captured')).toEqual([]);
    await stage.login();
    await stage.quiet();
    expect(stage.noted('captured')).toHaveLength(1);
  });

  it('raises a weak hash in place when its password was typed, once', async () => {
    const stage = await open({ config: { rehash: true }, chain: ['customers'] });
    stage.customers.add(ann, { hash: plain('right') });
    await stage.login({ password: 'wrong' });
    await stage.quiet();
    expect(stage.customers.asked).toEqual([]);
    await stage.login();
    await stage.quiet();
    expect(stage.customers.users.get(ann)?.hash).toMatch(/^\{SSHA512\}/);
    await stage.login();
    await stage.quiet();
    expect([stage.counted('rehashed'), stage.customers.asked]).toEqual([1, [`kept ${ann}`, `enroll ${ann}`]]);
    const off = await open({ chain: ['customers'] });
    off.customers.add(ann, { hash: plain('right') });
    await off.login();
    await off.quiet();
    expect(off.customers.users.get(ann)?.hash).toBe(plain('right'));
  });

  it('does not raise a hash that was changed since', async () => {
    const stage = await open({ config: { rehash: true }, chain: ['customers'] });
    stage.customers.add(ann, { hash: plain('right') });
    stage.customers.gates.set('kept', () => {
      stage.customers.add(ann, { hash: plain('changed') });
      return Promise.resolve();
    });
    await stage.login();
    await stage.quiet();
    expect(stage.customers.users.get(ann)?.hash).toBe(plain('changed'));
  });

  it('says nothing of passwords or hashes, whatever happens', async () => {
    const stage = await open({ config: { rehash: true } });
    stage.customers.add(ann, { hash: plain('canary-in-the-new-store') });
    stage.staff.add(ann, { hash: plain('canary-password') });
    await stage.login({ password: 'canary-password' });
    await stage.quiet();
    stage.customers.down = true;
    await stage.login({ password: 'canary-password' });
    await stage.quiet();
    const { log, metrics, ledger, shared, changes } = stage.services;
    const said = inspect([log.text(), metrics.text(), ledger.noted, shared.keys, changes.announced], { depth: 9, maxStringLength: null });
    expect(said).not.toContain('canary');
    expect(said).not.toContain('{SSHA512}');
  });

  it('drops what waits when it is stopped, and does not wait for a store that hangs', async () => {
    const stage = await open({ config: { perSecond: 1, disabledInEither: false } });
    stage.staff.add('bob@example.org', { hash: plain('right') });
    stage.customers.gates.set('kept', () => new Promise(() => undefined));
    await stage.login();
    await stage.login({ user: 'bob@example.org' });
    await stage.quiet();
    const stopped = stage.close();
    await stage.services.clock.step(2000);
    await stopped;
    expect(stage.counted('dropped')).toBe(1);
    await stage.login({ user: 'bob@example.org' });
    expect(stage.counted('dropped')).toBe(2);
  });
});
