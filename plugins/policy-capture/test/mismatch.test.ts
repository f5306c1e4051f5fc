import { describe, expect, it } from '@jest/globals';
import type { Comparison } from '@postern/contract';
import { ann, plain, type Stage } from './support/stage.js';
import { swapping } from './support/swapping.js';

const open = swapping();

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
