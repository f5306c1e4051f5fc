import { describe, expect, it } from '@jest/globals';
import { ann, minute, plain, type Stage } from './support/stage.js';
import { swapping } from './support/swapping.js';

const open = swapping();

/** Captured once; since then she chose another password in the new store, and the old one says that its own was changed. */
const chosen = async (): Promise<Stage> => {
  const stage = await open();
  stage.known(ann, 10 * minute);
  stage.customers.add(ann, { hash: plain('chosen') });
  stage.staff.add(ann, { hash: plain('right'), changedAt: stage.services.clock.now() - minute });
  return stage;
};

describe('a password that was chosen in the new store after the capture', () => {
  it('stays when the old store says that its own was changed, and is let in', async () => {
    const stage = await chosen();
    expect((await stage.login({ password: 'chosen' })).kind).toBe('accepted');
    expect(stage.customers.users.get(ann)?.hash).toBe(plain('chosen'));
    expect([stage.noted('withdrawn'), stage.staff.tried, stage.counted('failed')]).toEqual([[], [], 0]);
  });

  it('keeps wrong passwords from the old store', async () => {
    const stage = await chosen();
    expect(await stage.login({ password: 'right' })).toEqual({ kind: 'rejected' });
    expect([stage.staff.tried, stage.customers.users.get(ann)?.hash]).toEqual([[], plain('chosen')]);
    expect(stage.services.changes.announced).toEqual([]);
  });

  it('stays when the old store, in the shadow, calls it wrong', async () => {
    const stage = await chosen();
    const comparison = { user: ann, answering: 'customers', other: 'staff', differing: [], answeringMs: 1, otherMs: 1 };
    stage.services.ledger.note({ kind: 'compared', comparison: { ...comparison, kind: 'ok/mismatch' } });
    await stage.quiet();
    expect(stage.customers.users.get(ann)?.hash).toBe(plain('chosen'));
    expect(stage.noted('withdrawn')).toEqual([]);
  });

  it('is not replaced by what the old store takes: a conflict', async () => {
    const stage = await chosen();
    await stage.login({}, stage.policy.around(stage.chain('staff')));
    await stage.quiet();
    expect([stage.customers.users.get(ann)?.hash, stage.counted('conflict')]).toEqual([plain('chosen'), 1]);
  });
});
