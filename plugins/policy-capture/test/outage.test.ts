import { describe, expect, it } from '@jest/globals';
import { ann, plain } from './support/stage.js';
import { swapping } from './support/swapping.js';

const open = swapping();

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
    stage.services.ledger.entries.set(ann, { captured: { into: 'another', at: 1, digest: 'd' }, disabledIn: [] });
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
    stage.services.ledger.note({ kind: 'captured', user: ann, from: 'staff', into: 'customers', scheme: 'SSHA512', digest: 'd' });
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
