import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../src/captures.js';
import { ann, plain, minute, type Stage, type StageOptions } from './support/stage.js';
import { swapping } from './support/swapping.js';

const open = swapping();

describe('a password that was changed in the old store', () => {
  const changed = async (options: StageOptions & { readonly ago?: number } = {}): Promise<Stage> => {
    const stage = await open(options);
    const { clock } = stage.services;
    stage.known(ann, 10 * minute);
    stage.staff.add(ann, { hash: plain('new'), changedAt: clock.now() - (options.ago ?? minute) });
    return stage;
  };

  it('wins by its time: the captured hash is gone, and the new one is captured', async () => {
    const stage = await changed();
    expect((await stage.login({ password: 'new' })).kind).toBe('accepted');
    expect(stage.noted('withdrawn')).toEqual([{ kind: 'withdrawn', user: ann, into: 'customers', why: 'newer' }]);
    expect([stage.turned('newer'), stage.counted('withdrawn')]).toEqual([1, 1]);
    await stage.quiet();
    expect(stage.noted('captured')).toHaveLength(1);
    expect((await stage.login({ password: 'new' }, stage.chain('customers'))).kind).toBe('accepted');
    expect((await stage.login({ password: 'right' }, stage.chain('customers'))).kind).toBe('rejected');
  });

  it('ends the password from before, though the new store would still take it', async () => {
    const stage = await changed();
    expect(await stage.login({ password: 'right' })).toEqual({ kind: 'rejected' });
    expect(stage.staff.tried).toEqual(['right']);
    expect(stage.noted('withdrawn')).toHaveLength(1);
    expect(stage.turned('newer')).toBe(1);
  });

  it('ends the password from before under the old store’s own name for the person, too', async () => {
    const stage = await open();
    stage.known(ann, 10 * minute);
    const { entries } = stage.services.ledger;
    entries.set('uid-1', entries.get(ann) ?? { disabledIn: [] });
    entries.delete(ann);
    stage.staff.add(ann, { hash: plain('new'), user: 'uid-1', changedAt: stage.services.clock.now() - minute });
    expect(await stage.login({ password: 'right' })).toEqual({ kind: 'rejected' });
    expect(stage.noted('withdrawn')).toMatchObject([{ user: 'uid-1' }]);
  });

  it('that was captured since is the new store’s matter', async () => {
    const stage = await open();
    stage.known(ann, minute);
    stage.staff.add(ann, { hash: plain('right'), changedAt: stage.services.clock.now() - 10 * minute });
    expect((await stage.login({ password: 'right' })).kind).toBe('accepted');
    expect(stage.staff.tried).toEqual([]);
    expect(stage.noted('withdrawn')).toEqual([]);
  });

  it('wins over a wrong password, too: the old store says that it is wrong', async () => {
    const stage = await changed();
    expect(await stage.login({ password: 'wrong' })).toEqual({ kind: 'rejected' });
    expect(stage.staff.tried).toEqual(['wrong']);
    expect(stage.customers.users.get(ann)).toEqual({});
  });

  it('counts within the difference of the clocks', async () => {
    const near = await changed({ ago: 10 * minute + 4000 });
    expect((await near.login({ password: 'new' })).kind).toBe('accepted');
    const before = await changed({ ago: 10 * minute + 6000 });
    expect((await before.login({ password: 'new' })).kind).toBe('rejected');
  });

  it('is let in all the same when the captured hash cannot be taken away now', async () => {
    const stage = await changed();
    stage.customers.withdraw = () => Promise.resolve({ kind: 'deferred', cause: new Error('down') });
    stage.services.stores.put('customers', stage.customers);
    expect((await stage.login({ password: 'new' })).kind).toBe('accepted');
    expect(stage.noted('withdrawn')).toEqual([]);
    expect(stage.counted('failed')).toBe(1);
  });

  it('is told the ledger before the captured hash is gone', async () => {
    const stage = await changed();
    const { entries } = stage.services.ledger;
    const before = entries.get(ann)?.captured;
    const known: unknown[] = [];
    stage.customers.gates.set('withdraw', () => Promise.resolve(known.push(entries.get(ann))));
    await stage.login({ password: 'new' });
    expect(known).toEqual([{ captured: before, capturing: { ...before, at: expect.any(Number) as unknown }, disabledIn: [] }]);
  });

  it('ends the password from before, too, when the hash that was to be taken away is still there', async () => {
    const stage = await changed();
    const { entries } = stage.services.ledger;
    const { captured } = entries.get(ann) ?? {};
    if (captured === undefined) throw new Error('nothing was captured');
    entries.set(ann, { captured, capturing: { ...captured, at: stage.services.clock.now() }, disabledIn: [] });
    expect(await stage.login({ password: 'right' })).toEqual({ kind: 'rejected' });
    expect(stage.noted('withdrawn')).toHaveLength(1);
  });

  it('wins without a ledger that could be written, and does not wait long for it', async () => {
    const stage = await changed();
    stage.services.ledger.keep = () => new Promise(() => undefined);
    const login = stage.login({ password: 'new' });
    await stage.quiet();
    await stage.services.clock.step(500);
    expect((await login).kind).toBe('accepted');
    expect(stage.noted('withdrawn')).toHaveLength(1);
    await stage.quiet();
    await stage.services.clock.step(15_000);
  });

  it('is found under the name that the old store gives', async () => {
    const stage = await changed();
    const at = stage.services.clock.now() - minute;
    stage.staff.add('alias@example.org', { hash: plain('new'), user: ann, changedAt: at });
    stage.customers.add('alias@example.org', { hash: plain('right'), user: ann });
    expect((await stage.login({ user: 'alias@example.org', password: 'new' })).kind).toBe('accepted');
    expect(stage.noted('withdrawn')).toMatchObject([{ user: ann }]);
  });

  it('does not become a verdict of nobody while many come at once', async () => {
    const stage = await changed();
    const verdicts = await Promise.all(Array.from({ length: 10 }, () => stage.login({ password: 'new' })));
    expect(verdicts.map(({ kind }) => kind)).toEqual(Array<string>(10).fill('accepted'));
    expect(stage.noted('withdrawn')).toHaveLength(1);
    expect(stage.counted('failed')).toBe(0);
  });

  describe('by somebody whom the chain does not ask the old store about any more', () => {
    const closed = async (): Promise<Stage> => {
      const stage = await open({ chain: ['customers'] });
      stage.customers.add(ann);
      stage.staff.add(ann, { hash: plain('new') });
      return stage;
    };
    const withdrawn = (stage: Stage): void =>
      void stage.services.ledger.entries.set(ann, { withdrawnAt: stage.services.clock.now() - minute, disabledIn: [] });

    it('is judged by the old store once the captured hash is gone, and captured anew', async () => {
      const stage = await closed();
      withdrawn(stage);
      expect(await stage.login({ password: 'wrong' })).toEqual({ kind: 'rejected' });
      expect((await stage.login({ password: 'new' })).kind).toBe('accepted');
      await stage.quiet();
      expect(stage.noted('captured')).toHaveLength(1);
      expect((await stage.login({ password: 'new' }, stage.chain('customers'))).kind).toBe('accepted');
    });

    it('is judged by the old store while another process takes the captured hash away, or was killed in it', async () => {
      const stage = await closed();
      const { entries } = stage.services.ledger;
      const note = { into: 'customers', at: stage.services.clock.now() - minute, digest: digestOf(plain('right')) };
      entries.set(ann, { captured: note, capturing: { ...note, at: note.at + 1 }, disabledIn: [] });
      expect((await stage.login({ password: 'new' })).kind).toBe('accepted');
      await stage.quiet();
      expect((await stage.login({ password: 'new' }, stage.chain('customers'))).kind).toBe('accepted');
    });

    it('is nobody’s when nothing was ever captured', async () => {
      const stage = await closed();
      expect(await stage.login({ password: 'new' })).toEqual({ kind: 'unknown-user' });
      expect(stage.staff.tried).toEqual([]);
    });

    it('is judged by the old store under every name that it has for the person', async () => {
      const stage = await closed();
      withdrawn(stage);
      stage.staff.add('alias@example.org', { hash: plain('new'), user: ann });
      expect((await stage.login({ user: 'alias@example.org', password: 'new' })).kind).toBe('accepted');
      stage.staff.down = true;
      expect((await stage.login({ user: 'alias@example.org', password: 'new' })).kind).toBe('deferred');
    });

    it('costs one who is known to nobody no proof at the old store, and needs none that can be asked who somebody is', async () => {
      const stage = await closed();
      expect(await stage.login({ user: 'nobody@example.org' })).toEqual({ kind: 'unknown-user' });
      expect(stage.staff.tried).toEqual([]);
      stage.services.stores.put('staff', { abilities: stage.staff.abilities, verify: () => Promise.resolve({ kind: 'rejected' }) });
      expect(await stage.login({ user: 'nobody@example.org' })).toEqual({ kind: 'unknown-user' });
    });

    it('waits while the ledger cannot say, and while the old store is out', async () => {
      const stage = await closed();
      stage.services.ledger.trouble = new Error('out');
      expect((await stage.login({ password: 'new' })).kind).toBe('deferred');
      stage.services.ledger.trouble = undefined;
      withdrawn(stage);
      stage.staff.down = true;
      expect((await stage.login({ password: 'new' })).kind).toBe('deferred');
    });
  });
});
