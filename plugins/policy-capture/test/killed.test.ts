import { describe, expect, it } from '@jest/globals';
import { checkPassword } from '@postern/passwords';
import { digestOf } from '../src/captures.js';
import { ann, minute, plain, type Stage, type StageOptions } from './support/stage.js';
import { swapping } from './support/swapping.js';

const swap = swapping();
const rules = { defaultScheme: 'PLAIN', allowWeak: ['PLAIN'] };

const fits = async (stage: Stage, password: string): Promise<boolean> =>
  (await checkPassword(Buffer.from(password), stage.customers.users.get(ann)?.hash ?? '', rules)) === 'match';

/** Nothing is captured yet, and the old store answers. */
const open = async (options: StageOptions = {}): Promise<Stage> => {
  const stage = await swap({ chain: ['staff'], ...options });
  stage.customers.add(ann);
  return stage;
};

/** The process goes in the middle of a write; the ledger has what was kept, and no more. */
const killed = async (when: 'before the write' | 'after it'): Promise<Stage> => {
  const stage = await open();
  const hash = '{SSHA512}c2FsdGVk';
  const at = stage.services.clock.now() - minute;
  stage.services.ledger.entries.set(ann, { capturing: { into: 'customers', at, digest: digestOf(hash) }, disabledIn: [] });
  stage.customers.add(ann, when === 'after it' ? { hash } : {});
  return stage;
};

describe('a process that is killed while it keeps a hash', () => {
  it('has told the ledger whose hash it is before the hash is there', async () => {
    const stage = await open();
    let known: unknown;
    stage.customers.gates.set('enroll', () => {
      known = stage.services.ledger.entries.get(ann);
      return Promise.resolve();
    });
    await stage.login();
    await stage.quiet();
    const digest = digestOf(stage.customers.users.get(ann)?.hash ?? '');
    expect(known).toEqual({ capturing: { into: 'customers', at: expect.any(Number) as unknown, digest }, disabledIn: [] });
    expect(stage.services.ledger.entries.get(ann)).toMatchObject({ captured: { digest } });
  });

  it('leaves a hash that is known as captured: a password that was changed since takes its place', async () => {
    const stage = await killed('after it');
    stage.staff.add(ann, { hash: plain('new') });
    await stage.login({ password: 'new' });
    await stage.quiet();
    expect(await fits(stage, 'new')).toBe(true);
    expect([stage.counted('captured'), stage.counted('conflict')]).toEqual([1, 0]);
  });

  it('leaves a hash that is captured for sure once its password was typed again', async () => {
    const stage = await open();
    await stage.login();
    await stage.quiet();
    const { captured } = stage.services.ledger.entries.get(ann) ?? {};
    if (captured === undefined) throw new Error('nothing was captured');
    const hash = stage.customers.users.get(ann)?.hash ?? '';
    const next = await open();
    next.customers.add(ann, { hash });
    next.services.ledger.entries.set(ann, { capturing: captured, disabledIn: [] });
    await next.login();
    await next.quiet();
    expect(next.customers.users.get(ann)?.hash).toBe(hash);
    expect(next.services.ledger.entries.get(ann)).toEqual({ captured: { ...captured, at: expect.any(Number) as unknown }, disabledIn: [] });
  });

  it('leaves nothing where it was killed before: the old store answers, and the next login is captured', async () => {
    const stage = await killed('before the write');
    expect((await stage.login({}, stage.policy.around(stage.chain('customers', 'staff')))).kind).toBe('accepted');
    await stage.quiet();
    expect(await fits(stage, 'right')).toBe(true);
    expect(stage.services.ledger.entries.get(ann)).not.toHaveProperty('capturing');
  });

  it('was about to replace one of ours: both are known until it is clear which is there', async () => {
    for (const there of ['old', 'new'] as const) {
      const stage = await open();
      const at = stage.services.clock.now() - minute;
      const noteOf = (hash: string): { into: string; at: number; digest: string } => ({
        into: 'customers',
        at,
        digest: digestOf(plain(hash)),
      });
      stage.services.ledger.entries.set(ann, { captured: noteOf('old'), capturing: noteOf('new'), disabledIn: [] });
      stage.customers.add(ann, { hash: plain(there) });
      await stage.login();
      await stage.quiet();
      expect(await fits(stage, 'right')).toBe(true);
    }
  });

  it('leaves a hash that stays known while another one cannot be written over it', async () => {
    const stage = await killed('after it');
    stage.staff.add(ann, { hash: plain('new') });
    stage.customers.gates.set('enroll', () => Promise.reject(new Error('read only')));
    await stage.login({ password: 'new' });
    await stage.quiet();
    expect(stage.counted('failed')).toBe(1);
    stage.customers.gates.clear();
    await stage.login({ password: 'new' });
    await stage.quiet();
    expect([await fits(stage, 'new'), stage.counted('captured'), stage.counted('conflict')]).toEqual([true, 1, 0]);
  });

  it('leaves a hash that stays known while a stronger one cannot be written over it', async () => {
    const stage = await open({ config: { rehash: true } });
    const at = stage.services.clock.now() - minute;
    const hash = plain('right');
    stage.customers.add(ann, { hash });
    stage.services.ledger.entries.set(ann, { capturing: { into: 'customers', at, digest: digestOf(hash) }, disabledIn: [] });
    stage.customers.gates.set('enroll', () => Promise.reject(new Error('read only')));
    await stage.login({}, stage.policy.around(stage.chain('customers')));
    await stage.quiet();
    expect(stage.counted('failed')).toBe(1);
    expect(stage.services.ledger.entries.get(ann)).toMatchObject({ captured: { at, digest: digestOf(hash) } });
  });

  it('makes the new store’s word count in an outage: perhaps the hash is there', async () => {
    const stage = await killed('after it');
    stage.customers.down = true;
    expect((await stage.login({}, stage.policy.around(stage.chain('customers', 'staff')))).kind).toBe('deferred');
  });

  it('does not leave somebody to nobody whose hash was taken away before', async () => {
    const stage = await killed('before the write');
    const { entries } = stage.services.ledger;
    entries.set(ann, { ...entries.get(ann), withdrawnAt: 1, disabledIn: [] });
    const ask = stage.policy.around(stage.chain('customers'));
    expect((await stage.login({}, ask)).kind).toBe('accepted');
    expect(await stage.login({ password: 'wrong' }, ask)).toEqual({ kind: 'rejected' });
  });
});

describe('a ledger that cannot be written', () => {
  it('keeps hashes from being written: the next login tries again', async () => {
    const stage = await open();
    stage.services.ledger.trouble = new Error('the ledger is out');
    expect((await stage.login()).kind).toBe('accepted');
    await stage.quiet();
    expect(stage.customers.users.get(ann)?.hash).toBeUndefined();
    expect(stage.customers.asked).toEqual([`kept ${ann}`]);
    expect([stage.counted('failed'), stage.counted('captured')]).toEqual([1, 0]);
    stage.services.ledger.trouble = undefined;
    await stage.login();
    await stage.quiet();
    expect(stage.counted('captured')).toBe(1);
  });

  it('that hangs holds up no login, and its hash goes unwritten', async () => {
    const stage = await open();
    stage.services.ledger.keep = () => new Promise(() => undefined);
    expect((await stage.login()).kind).toBe('accepted');
    await stage.quiet();
    await stage.services.clock.step(15_000);
    await stage.quiet();
    expect([stage.customers.users.get(ann)?.hash, stage.counted('captured')]).toEqual([undefined, 0]);
  });
});

describe('a write that did not happen', () => {
  it('is nobody’s capture: who is not in the new store is let in by the old one through an outage', async () => {
    const stage = await open();
    stage.customers.users.delete(ann);
    await stage.login();
    await stage.quiet();
    expect(stage.counted('conflict')).toBe(1);
    expect(stage.services.ledger.entries.get(ann)).toEqual({ disabledIn: [] });
    stage.customers.down = true;
    const both = stage.policy.around(stage.chain('customers', 'staff'));
    expect((await stage.login({}, both)).kind).toBe('accepted');
    stage.services.ledger.trouble = new Error('out');
    expect((await stage.login({}, both)).kind).toBe('deferred');
  });
});

describe('a hash that was made stronger in place', () => {
  it('stays captured, since the same moment; one that was not captured does not become so', async () => {
    const stage = await open({ config: { rehash: true } });
    const into = stage.policy.around(stage.chain('customers'));
    stage.customers.add(ann, { hash: plain('right') });
    stage.known(ann, minute);
    const before = stage.services.ledger.entries.get(ann)?.captured;
    await stage.login({}, into);
    await stage.quiet();
    expect(stage.counted('rehashed')).toBe(1);
    const digest = digestOf(stage.customers.users.get(ann)?.hash ?? '');
    expect(stage.services.ledger.entries.get(ann)).toEqual({ captured: { ...before, digest }, disabledIn: [] });
    const other = await open({ config: { rehash: true } });
    other.customers.add(ann, { hash: plain('right') });
    await other.login({}, other.policy.around(other.chain('customers')));
    await other.quiet();
    expect([other.counted('rehashed'), other.noted('capturing'), other.noted('captured')]).toEqual([1, [], []]);
  });

  it('stays captured under the old store’s name for its owner', async () => {
    const stage = await open({ config: { rehash: true } });
    const uid = 'u1';
    stage.staff.add(ann, { hash: plain('right'), user: uid });
    stage.customers.add(uid).add(ann, { hash: plain('right') });
    const { entries } = stage.services.ledger;
    entries.set(uid, { captured: { into: 'customers', at: 1, digest: digestOf(plain('right')) }, disabledIn: [] });
    await stage.login({}, stage.policy.around(stage.chain('customers')));
    await stage.quiet();
    expect(entries.get(uid)).toMatchObject({ captured: { at: 1, digest: digestOf(stage.customers.users.get(ann)?.hash ?? '') } });
  });
});
