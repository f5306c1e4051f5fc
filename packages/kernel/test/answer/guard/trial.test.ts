import { describe, expect, it } from '@jest/globals';
import type { Verdict } from '@postern/contract';
import { accepted, fakeStore, never, settled } from '../fakes.js';
import { broken, failThrice, guarded, HeldStore, roomOf, unknown } from './room.js';

describe('the trial', () => {
  it('is one login only, and one that fails starts the pause again', async () => {
    const held = new HeldStore();
    const room = roomOf([guarded('ldap', held.store)]);
    const first = ['a', 'b', 'c'].map((user) => room.login(user));
    await settled();
    for (let count = 0; count < first.length; count++) await held.answerOne(broken);
    await room.clock.pass(2000);
    const trial = room.login('d');
    await settled();
    expect(room.guards.get('ldap')?.status.circuit).toBe('half-open');
    expect(await room.kindOf('e')).toBe('deferred');
    await held.answerOne(broken);
    expect((await trial).verdict.kind).toBe('deferred');
    await room.clock.pass(1999);
    expect(await room.kindOf('f')).toBe('deferred');
    expect(held.store.asked).toHaveLength(4);
    await room.clock.pass(1);
    const second = room.login('g');
    await settled();
    await held.answerOne(accepted());
    expect((await second).verdict.kind).toBe('accepted');
    expect(room.guards.get('ldap')?.status.circuit).toBe('closed');
  });

  it('keeps nobody waiting whom another store can answer', async () => {
    const hole = fakeStore(() => never());
    const room = roomOf([guarded('hole', hole), guarded('sql', fakeStore(accepted()))]);
    for (const user of ['a', 'b', 'c']) {
      const login = room.login(user);
      await room.clock.pass(5000);
      await login;
    }
    await room.clock.pass(2000);
    const { verdict, tookMs } = await room.login('d');
    expect(hole.asked).toHaveLength(4);
    expect(verdict.kind).toBe('accepted');
    expect(tookMs).toBe(0);
    expect(room.guards.get('hole')?.status).toMatchObject({ circuit: 'half-open', asking: 1 });
    await room.clock.pass(5000);
    expect(room.guards.get('hole')?.status).toMatchObject({ circuit: 'open', asking: 0 });
  });

  it('that shows nothing, since the store was too busy, is followed by the next', async () => {
    const busy: Verdict = { kind: 'deferred', cause: Object.assign(new Error('full'), { overloaded: true }) };
    const script = [broken, broken, broken, busy, accepted()];
    const room = roomOf([
      guarded(
        'ldap',
        fakeStore(async () => script.shift() ?? unknown),
      ),
    ]);
    await failThrice(room);
    await room.clock.pass(2000);
    expect(await room.kindOf('d')).toBe('deferred');
    expect(await room.kindOf('e')).toBe('accepted');
  });
});
