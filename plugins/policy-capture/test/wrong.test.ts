import { describe, expect, it } from '@jest/globals';
import { attempt } from '@postern/testkit';
import { ann, never, plain, minute, type Stage } from './support/stage.js';
import { swapping } from './support/swapping.js';

const open = swapping();

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
