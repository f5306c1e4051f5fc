import { describe, expect, it } from '@jest/globals';
import { ann, plain } from './support/stage.js';
import { swapping } from './support/swapping.js';

const open = swapping();

describe('capture, rehearsed,', () => {
  it('has no consequence, and says what it would say', async () => {
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
