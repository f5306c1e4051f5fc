import { afterEach, describe, expect, it } from '@jest/globals';
import type { Comparison } from '@postern/contract';
import { attempt } from '@postern/testkit';
import { ann, never, plain, Stage, type StageOptions } from './support/stage.js';

const minute = 60_000;

describe('capture, while the two stores change places,', () => {
  const stages: Stage[] = [];
  afterEach(async () => {
    for (const stage of stages.splice(0)) await stage.close();
  });

  /** The new store first, the old one for whom it does not know. */
  const open = async (options: StageOptions = {}): Promise<Stage> => {
    const stage = await Stage.open({ chain: ['customers', 'staff'], ...options });
    stages.push(stage);
    stage.staff.add(ann, { hash: plain('right') });
    stage.customers.add(ann, { hash: plain('right') });
    return stage;
  };

  describe('disabled in either', () => {
    it('refuses whom the new store lets in and the old one has disabled', async () => {
      const stage = await open();
      stage.staff.add(ann, { hash: plain('right'), disabled: 'disabled' });
      expect(await stage.login()).toMatchObject({ kind: 'refused', why: 'disabled', proofHeld: true });
      expect(stage.noted('disabled')).toEqual([{ kind: 'disabled', user: ann, store: 'staff' }]);
      expect(stage.services.changes.announced).toEqual([{ user: ann }]);
      expect(stage.turned('disabled')).toBe(1);
      expect(stage.staff.tried).toEqual([]);
    });

    it('refuses whom the old store lets in and the new one has disabled', async () => {
      const stage = await open({ chain: ['staff'] });
      stage.customers.add(ann, { disabled: 'locked' });
      expect(await stage.login()).toMatchObject({ kind: 'refused', why: 'locked', proofHeld: true });
      expect(stage.noted('disabled')).toEqual([{ kind: 'disabled', user: ann, store: 'customers' }]);
      await stage.quiet();
      expect(stage.counted('captured')).toBe(0);
    });

    it('has a cache further in forget each time that it let in whom the old store has disabled', async () => {
      const stage = await open();
      stage.staff.add(ann, { disabled: 'disabled' });
      stage.customers.add('alias@example.org', { hash: plain('right'), user: ann });
      await stage.login();
      await stage.login();
      expect(stage.services.changes.announced).toEqual([{ user: ann }, { user: ann }]);
      await stage.login({ user: 'alias@example.org' });
      expect(stage.services.changes.announced.slice(2)).toEqual([{ user: ann }, { user: 'alias@example.org' }]);
    });

    it('keeps out, in an outage of the old store, whom another process has since seen to be disabled', async () => {
      const stage = await open();
      expect((await stage.login()).kind).toBe('accepted');
      stage.services.ledger.entries.set(ann, { disabledIn: ['staff'] });
      stage.staff.down = true;
      expect((await stage.login()).kind).toBe('refused');
    });

    it('tells the ledger again what another process may have told it otherwise', async () => {
      const stage = await open();
      await stage.login();
      stage.services.changes.announce({ user: ann });
      await stage.login();
      stage.staff.add(ann, { disabled: 'disabled' });
      for (let login = 0; login < 2; login += 1) await stage.login();
      expect(stage.services.ledger.noted.map(({ kind }) => kind)).toEqual(['enabled', 'enabled', 'disabled', 'disabled']);
    });

    it('remembers itself who is disabled when neither the old store nor the ledger can say', async () => {
      const stage = await open();
      stage.staff.add(ann, { disabled: 'disabled' });
      await stage.login();
      stage.staff.down = true;
      stage.services.ledger.trouble = new Error('the ledger is out');
      stage.services.changes.announce({ user: ann });
      expect((await stage.login()).kind).toBe('refused');
    });

    it('tells nobody of it who has not shown the password', async () => {
      const stage = await open();
      stage.staff.add(ann, { disabled: 'disabled' });
      expect(await stage.login({ password: 'wrong' })).toEqual({ kind: 'rejected' });
    });

    it('asks at each login, and not again for as long as it is told to believe', async () => {
      const each = await open();
      for (let login = 0; login < 3; login += 1) await each.login();
      expect(each.staff.lookedUp).toHaveLength(3);
      const stage = await open({ config: { disabledFor: '30s' } });
      await Promise.all([stage.login(), stage.login(), stage.login()]);
      await stage.login();
      expect(stage.staff.lookedUp).toHaveLength(1);
      expect(stage.noted('enabled')).toHaveLength(1);
      stage.staff.add(ann, { disabled: 'disabled' });
      expect((await stage.login()).kind).toBe('accepted');
      await stage.services.clock.step(30_000);
      expect((await stage.login()).kind).toBe('refused');
      stage.staff.add(ann);
      stage.services.changes.announce({ user: ann });
      expect((await stage.login()).kind).toBe('accepted');
      expect(stage.services.ledger.noted.map(({ kind }) => kind)).toEqual(['enabled', 'disabled', 'enabled']);
    });

    it('believes what was known last while the other store is out', async () => {
      const stage = await open();
      stage.staff.add(ann, { disabled: 'disabled' });
      await stage.login();
      stage.staff.down = true;
      await stage.services.clock.step(minute);
      expect((await stage.login()).kind).toBe('refused');
      const fresh = await open();
      fresh.staff.down = true;
      expect((await fresh.login()).kind).toBe('accepted');
      const told = await open();
      told.staff.down = true;
      told.services.ledger.entries.set(ann, { disabledIn: ['staff'] });
      expect(await told.login()).toMatchObject({ kind: 'refused', why: 'disabled' });
      const blind = await open();
      blind.staff.down = true;
      blind.services.ledger.trouble = new Error('the ledger is out');
      expect((await blind.login()).kind).toBe('accepted');
    });

    it('waits a bounded time for a store that hangs, and ends with the login', async () => {
      const stage = await open();
      stage.staff.gates.set('lookup', () => new Promise(() => undefined));
      const asked = stage.login();
      await stage.services.clock.step(499);
      const abort = new AbortController();
      const other = stage.ask(attempt({ user: ann, password: 'right' }), abort.signal);
      await stage.services.clock.step(0);
      abort.abort(new Error('given up'));
      await expect(other).rejects.toThrow('given up');
      await stage.services.clock.step(1);
      expect((await asked).kind).toBe('accepted');
    });

    it('asks by the account’s name and by the login, since the stores may call people differently', async () => {
      const stage = await open();
      stage.customers.add('alias@example.org', { hash: plain('right'), user: 'u1@example.org' });
      stage.staff.add('alias@example.org', { disabled: 'disabled' });
      expect((await stage.login({ user: 'alias@example.org' })).kind).toBe('refused');
      expect(stage.staff.lookedUp).toEqual(['u1@example.org', 'alias@example.org']);
    });

    it('can be switched off', async () => {
      const stage = await open({ config: { disabledInEither: false } });
      stage.staff.add(ann, { disabled: 'disabled' });
      expect((await stage.login()).kind).toBe('accepted');
      expect(stage.staff.lookedUp).toEqual([]);
    });
  });

  describe('an outage of the new store', () => {
    it('does not fall back to the old password of a captured user', async () => {
      const stage = await open();
      stage.known(ann);
      stage.customers.down = true;
      stage.customers.add(ann, { hash: plain('changed') });
      expect((await stage.login()).kind).toBe('deferred');
      expect(stage.turned('outage')).toBe(1);
      // A cache further in has just learnt that the old store lets him in.
      expect(stage.services.changes.announced).toEqual([{ user: ann }]);
      await stage.quiet();
      expect(stage.noted('capture-failed')).toEqual([]);
    });

    it('lets in by the old store whom nobody has captured', async () => {
      const stage = await open();
      stage.customers.down = true;
      expect((await stage.login()).kind).toBe('accepted');
      stage.services.ledger.entries.set(ann, { captured: { into: 'another', at: 1 }, disabledIn: [] });
      expect((await stage.login()).kind).toBe('accepted');
    });

    it('does not let in whom the new store was last seen to have disabled', async () => {
      const stage = await open();
      stage.customers.down = true;
      stage.services.ledger.entries.set(ann, { disabledIn: ['customers'] });
      expect((await stage.login()).kind).toBe('refused');
    });

    it('defers where the ledger cannot say, and knows what this process captured itself', async () => {
      const stage = await open();
      stage.customers.down = true;
      stage.services.ledger.trouble = new Error('the ledger is out');
      expect((await stage.login()).kind).toBe('deferred');
      stage.services.ledger.note({ kind: 'captured', user: ann, from: 'staff', into: 'customers', scheme: 'SSHA512' });
      expect(await stage.login()).toMatchObject({ kind: 'deferred', cause: { message: expect.stringContaining('its word') as unknown } });
    });

    it('defers when the ledger hangs, after a bounded time', async () => {
      const stage = await open();
      stage.customers.down = true;
      stage.services.ledger.find = () => new Promise(() => undefined);
      const asked = stage.login();
      await stage.services.clock.step(500);
      expect((await asked).kind).toBe('deferred');
    });

    it('leaves refusals and wrong passwords as they are', async () => {
      const stage = await open();
      stage.known(ann);
      stage.customers.down = true;
      stage.staff.add(ann, { hash: plain('right'), disabled: 'disabled' });
      expect((await stage.login()).kind).toBe('refused');
      stage.staff.add(ann, { hash: plain('right') });
      expect((await stage.login({ password: 'wrong' })).kind).toBe('deferred');
    });
  });

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
  });

  describe('a wrong password', () => {
    const cases: readonly (readonly [string, (stage: Stage) => void])[] = [
      ['of a user who was not captured', () => undefined],
      ['of a captured user whose password is as old', (stage) => stage.known(ann)],
      [
        'of a captured user whose directory says nothing of time',
        (stage) => {
          stage.known(ann);
          stage.staff.add(ann, { hash: plain('right') });
        },
      ],
      [
        'while the old store is out',
        (stage) => {
          stage.known(ann);
          stage.staff.down = true;
        },
      ],
      ['while the ledger is out', (stage) => (stage.services.ledger.trouble = new Error('out'))],
      [
        'of a user who is disabled in the old store',
        (stage) => {
          stage.known(ann);
          stage.staff.add(ann, { disabled: 'locked' });
        },
      ],
    ];

    it.each(cases)('%s does not reach the store that counts bad binds', async (_, arrange) => {
      const stage = await open();
      stage.staff.add(ann, { hash: plain('right'), changedAt: stage.services.clock.now() - 60 * minute });
      arrange(stage);
      for (let time = 0; time < 5; time += 1) expect(await stage.login({ password: `wrong ${time}` })).toEqual({ kind: 'rejected' });
      expect([stage.staff.tried, stage.staff.badBinds]).toEqual([[], 0]);
      expect(stage.customers.users.get(ann)?.hash).toBe(plain('right'));
    });

    it('costs the old store no question at all while the ledger cannot say who was captured', async () => {
      const stage = await open();
      stage.services.ledger.trouble = new Error('out');
      expect(await stage.login({ password: 'wrong' })).toEqual({ kind: 'rejected' });
      expect(stage.staff.lookedUp).toEqual([]);
    });

    it('that the old store has judged itself is not asked about again', async () => {
      const stage = await open();
      stage.known(ann);
      stage.staff.add(ann, { hash: plain('right'), changedAt: stage.services.clock.now() });
      const login = attempt({ user: ann, password: 'wrong' });
      const both = stage.policy.around((one) => {
        stage.services.stores.tell(one, { store: 'customers', kind: 'rejected' }, { store: 'staff', kind: 'rejected' });
        return Promise.resolve({ kind: 'rejected' });
      });
      expect(await both(login, never)).toEqual({ kind: 'rejected' });
      expect([stage.staff.lookedUp, stage.staff.tried]).toEqual([[], []]);
    });
  });

  describe('a mismatch in the shadow', () => {
    const tell = (stage: Stage, parts: Partial<Comparison> = {}): void =>
      stage.services.ledger.note({
        kind: 'compared',
        comparison: {
          user: ann,
          answering: 'customers',
          other: 'staff',
          kind: 'ok/mismatch',
          differing: [],
          answeringMs: 1,
          otherMs: 1,
          ...parts,
        },
      });

    it('kills the captured hash', async () => {
      const stage = await open();
      stage.known(ann);
      tell(stage);
      await stage.quiet();
      expect(stage.customers.users.get(ann)).toEqual({});
      expect(stage.noted('withdrawn')).toEqual([{ kind: 'withdrawn', user: ann, into: 'customers', why: 'mismatch' }]);
      expect(stage.services.changes.announced).toEqual([{ user: ann }]);
    });

    it('has memories forget the old password also when another process was first', async () => {
      const stage = await open();
      stage.known(ann);
      stage.customers.add(ann, {});
      tell(stage);
      await stage.quiet();
      expect(stage.noted('withdrawn')).toEqual([]);
      expect(stage.services.changes.announced).toEqual([{ user: ann }]);
    });

    it('kills it under the name of either store, heard from any instance of the old one', async () => {
      const stage = await open({ config: { shadows: ['staff-shadow'] } });
      stage.known(ann);
      stage.staff.add('u1@example.org', { user: ann });
      tell(stage, { user: 'u1@example.org', other: 'staff-shadow' });
      await stage.quiet();
      expect(stage.customers.users.get(ann)).toEqual({});
      expect(stage.noted('withdrawn')).toMatchObject([{ user: ann }]);
    });

    it('leaves alone what was not captured, what another store says, and every other difference', async () => {
      const stage = await open();
      tell(stage);
      await stage.quiet();
      stage.known(ann);
      tell(stage, { other: 'third' });
      tell(stage, { answering: 'third' });
      for (const kind of ['match', 'attributes', 'ok/unknown', 'ok/disabled', 'mismatch/ok', 'unknown/ok', 'undecided'] as const) {
        tell(stage, { kind });
      }
      await stage.quiet();
      expect(stage.customers.users.get(ann)?.hash).toBe(plain('right'));
      stage.services.ledger.trouble = new Error('out');
      tell(stage);
      await stage.quiet();
      expect(stage.customers.users.get(ann)?.hash).toBe(plain('right'));
      await stage.close();
      stage.services.ledger.trouble = undefined;
      tell(stage);
      await stage.quiet();
      expect(stage.customers.users.get(ann)?.hash).toBe(plain('right'));
    });
  });

  it('rehearses without any consequence, and says what it would say', async () => {
    const stage = await open();
    const rehearse = stage.policy.rehearse?.(stage.chain('customers', 'staff'));
    if (rehearse === undefined) throw new Error('it cannot be rehearsed');
    stage.staff.add(ann, { hash: plain('right'), disabled: 'disabled' });
    expect((await stage.login({}, rehearse)).kind).toBe('refused');
    stage.staff.add(ann, { hash: plain('right'), changedAt: stage.services.clock.now() });
    stage.known(ann);
    expect((await stage.login({ password: 'wrong' }, rehearse)).kind).toBe('rejected');
    stage.customers.down = true;
    expect((await stage.login({}, rehearse)).kind).toBe('deferred');
    await stage.quiet();
    expect([stage.services.ledger.noted, stage.services.changes.announced, stage.customers.asked]).toEqual([[], [], []]);
    expect([stage.turned('outage'), stage.turned('disabled'), stage.turned('newer')]).toEqual([0, 0, 0]);
  });
});
