import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { attempt, fakeServices, LiveClock, type StoreUnderTest } from '@postern/testkit';
import fc from 'fast-check';
import { makeStore, usual } from './make-store.js';
import { people } from './people.js';
import { bound, done, extended, found, reference, ScriptedDirectory, type Play, type Request } from './scripted-directory.js';

const never = new AbortController().signal;
const users = ['ann', 'bob', 'cat', 'dan', 'eve', 'fay'];
const passwordOf = (user: string): string => `the password of ${user}`;
const userIn = (filter: Buffer): string => /uid(?:\u0004.)?(.*)$/s.exec(filter.toString('latin1'))?.[1] ?? '';

/** What a directory does with a request: how many turns later it answers, and how. */
interface Whim {
  readonly turns: number;
  readonly how: 'well' | 'in-pieces' | 'twice' | 'never' | 'hang-up' | 'half' | 'notice' | 'reference' | 'strange';
}

interface Login {
  readonly user: string;
  /** Whose password is typed. */
  readonly typed: string;
  /** Turns until the login is given up; 0: never. */
  readonly patience: number;
  /** Turns between the login before and this one. */
  readonly after: number;
}

const whims = fc.array(
  fc.record<Whim>({
    turns: fc.nat(6),
    how: fc.constantFrom(
      ...(['well', 'well', 'well', 'in-pieces', 'twice', 'never', 'hang-up', 'half', 'notice', 'reference', 'strange'] as const),
    ),
  }),
  { minLength: 20, maxLength: 60 },
);
const logins = fc.array(
  fc.record<Login>({
    user: fc.constantFrom(...users),
    typed: fc.constantFrom(...users),
    patience: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 12 })),
    after: fc.nat(2),
  }),
  { minLength: 5, maxLength: 40 },
);

const wellSaid = (request: Request): readonly Buffer[] => {
  if (request.kind === 'bind') {
    const user = /^uid=(\w+),/.exec(request.name)?.[1] ?? '';
    return [bound(request.id, user === '' || request.password.toString() === passwordOf(user) ? 0 : 49)];
  }
  if (request.kind !== 'search') return [];
  const user = userIn(request.filter.value);
  return request.base === people && users.includes(user)
    ? [found(request.id, `uid=${user},${people}`, { cn: [user] }), done(request.id)]
    : [done(request.id)];
};

const obey = ({ how }: Whim, request: Request, { socket, write }: Play): void => {
  const answer = wellSaid(request);
  switch (how) {
    case 'well':
      return write(...answer);
    case 'in-pieces':
      for (const byte of Buffer.concat(answer)) socket.write(Buffer.of(byte));
      return;
    case 'twice':
      return write(...answer, ...answer);
    case 'never':
      return;
    case 'hang-up':
      return void socket.destroy();
    case 'half':
      return void socket.end(Buffer.concat(answer).subarray(0, -3));
    case 'notice':
      return write(extended(0, 52), ...answer);
    case 'reference':
      return write(reference(request.id, 'ldap://elsewhere/'), ...answer);
    case 'strange':
      return write(extended(request.id), ...answer);
  }
};

describe('a storm of logins at a directory with whims', () => {
  const weather = async (whimsLeft: Whim[], all: readonly Login[]): Promise<void> => {
    const clock = new LiveClock();
    const directory = await ScriptedDirectory.start((request, play) => {
      const whim = whimsLeft.shift();
      void turns(whim?.turns ?? 0).then(() => obey(whim ?? { turns: 0, how: 'well' }, request, play));
    });
    const more = { filter: '(uid={user})', attributes: { name: 'cn' }, pool: { search: 2, bind: 2 }, timeout: '100ms' };
    const store = makeStore(usual(directory.url, more), fakeServices({ clock }));
    await Promise.all(await begun(store, all));
    await store.stop?.(never);
    for (let turn = 0; directory.open > 0 && turn < 1000; turn += 1) await setImmediate();
    expect([directory.open, clock.pending]).toEqual([0, 0]);
    await directory.stop();
  };

  const begun = async (store: StoreUnderTest, all: readonly Login[]): Promise<readonly Promise<void>[]> => {
    const running: Promise<void>[] = [];
    for (const login of all) {
      await turns(login.after);
      running.push(judged(store, login));
    }
    return running;
  };

  const judged = async (store: StoreUnderTest, { user, typed, patience }: Login): Promise<void> => {
    const abort = new AbortController();
    if (patience > 0) void turns(patience).then(() => abort.abort(new Error('given up')));
    const verdict = await store.verify(attempt({ user, password: passwordOf(typed) }), abort.signal);
    if (verdict.kind === 'deferred') return;
    expect(verdict).toEqual(user === typed ? { kind: 'accepted', account: { user, attributes: { name: user } } } : { kind: 'rejected' });
  };

  const turns = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn += 1) await setImmediate();
  };

  it('tells everybody the truth or that it cannot tell, and leaves nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(whims, logins, (some, all) => weather([...some], all)),
      { numRuns: 15 },
    );
  });
});
