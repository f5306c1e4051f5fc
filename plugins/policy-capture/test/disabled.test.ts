import { describe, expect, it } from '@jest/globals';
import { attempt } from '@postern/testkit';
import { ann, plain, minute, type Stage } from './support/stage.js';
import { swapping } from './support/swapping.js';

const open = swapping();

const saidOfStaff = ({ services: { ledger } }: Stage): readonly string[] =>
  ledger.noted.flatMap((event) => ('store' in event && event.store === 'staff' ? [event.kind] : []));

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
    expect(saidOfStaff(stage)).toEqual(['enabled', 'enabled', 'disabled', 'disabled']);
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
    expect(saidOfStaff(stage)).toEqual(['enabled', 'disabled', 'enabled']);
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

  it('tells the ledger whom the old store alone keeps out, until the new one does so by itself', async () => {
    const stage = await open();
    stage.staff.add(ann, { disabled: 'disabled' });
    await stage.login();
    expect(stage.services.ledger.noted).toEqual([
      { kind: 'disabled', user: ann, store: 'staff' },
      { kind: 'enabled', user: ann, store: 'customers' },
    ]);
    stage.customers.add(ann, { hash: plain('right'), disabled: 'disabled' });
    expect((await stage.login()).kind).toBe('refused');
    expect(stage.services.ledger.noted.at(-1)).toEqual({ kind: 'disabled', user: ann, store: 'customers' });
    const refusedAlways = stage.services.ledger.noted.length;
    stage.customers.add(ann, { hash: plain('right'), disabled: 'tls-required' });
    await stage.login();
    stage.customers.users.delete(ann);
    expect((await stage.login()).kind).toBe('refused');
    expect(stage.services.ledger.noted).toHaveLength(refusedAlways);
  });

  it('can be switched off', async () => {
    const stage = await open({ config: { disabledInEither: false } });
    stage.staff.add(ann, { disabled: 'disabled' });
    expect((await stage.login()).kind).toBe('accepted');
    expect(stage.staff.lookedUp).toEqual([]);
  });
});
