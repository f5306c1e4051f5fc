import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Verdict } from '@postern/contract';
import { attempt, fakeServices, LiveClock, type StoreUnderTest } from '@postern/testkit';
import { makeStore, usual } from './make-store.js';
import { people } from './people.js';
import { bound, done, found, ScriptedDirectory, type Answering, type Play, type Request } from './scripted-directory.js';

type Search = Extract<Request, { readonly kind: 'search' }>;
type Asked = readonly [search: Search, play: Play];

const never = new AbortController().signal;
const password = 'The-Same-For-All';
const users = ['ann', 'bob', 'cat', 'dan', 'eve', 'fay', 'gus', 'hal'];
const dnOf = (user: string): string => `uid=${user},${people}`;
const userIn = ({ filter }: Search): string => /uid(?:\u0004.)?(.*)$/s.exec(filter.value.toString('latin1'))?.[1] ?? '';

/** What tells an entry from others is `cn` alone: nothing but the number keeps the answers apart. */
const entryOf = (id: number, user: string, more: Parameters<typeof found>[2] = {}): Buffer =>
  found(id, dnOf(user), { cn: [`${user} herself`], ...more });

/** Everybody's password is the same, so that a mistaken entry would be let in. */
const good: Answering = (request, { write }) => {
  if (request.kind === 'bind') write(bound(request.id));
  else if (request.kind === 'search') write(...(request.base === people ? [entryOf(request.id, userIn(request))] : []), done(request.id));
};

/** Hands the people's searches over once there are so many. */
const gathering = (count: number, then: (asked: readonly Asked[]) => void): Answering => {
  const asked: Asked[] = [];
  return (request, play) => {
    if (request.kind !== 'search' || request.base !== people) return good(request, play);
    if (asked.push([request, play]) === count) then(asked);
  };
};

const answerAll = (asked: readonly Asked[], answers: (id: number, user: string, all: readonly Asked[]) => readonly Buffer[]): void => {
  for (const [search, { write }] of asked) write(...answers(search.id, userIn(search), asked));
};

const idsOf = (asked: readonly Asked[]): readonly number[] => asked.map(([{ id }]) => id);

describe('searches of one turn of the event loop', () => {
  let directory: ScriptedDirectory;
  let store: StoreUnderTest;
  const clock = new LiveClock();

  const started = async (timeout: string): Promise<void> => {
    const more = { filter: '(uid={user})', attributes: { name: 'cn' }, pool: { search: 2, bind: 8 }, timeout };
    store = makeStore(usual(directory.url, more), fakeServices({ clock }));
    expect(await ask('ann')).toEqual(herself('ann'));
    directory.requests.length = 0;
  };

  beforeEach(async () => {
    directory = await ScriptedDirectory.start(good);
    await started('1500ms');
  });

  afterEach(async () => {
    await store.stop?.(never);
    for (let turn = 0; directory.open > 0 && turn < 1000; turn += 1) await setImmediate();
    expect([directory.open, clock.pending]).toEqual([0, 0]);
    await directory.stop();
  });

  const ask = (user: string, signal = AbortSignal.timeout(3000)): Promise<Verdict> => store.verify(attempt({ user, password }), signal);
  const askAll = (asked: readonly string[] = users, signal?: AbortSignal): Promise<readonly Verdict[]> =>
    Promise.all(asked.map((user) => ask(user, signal)));
  const herself = (user: string): Verdict => ({ kind: 'accepted', account: { user, attributes: { name: `${user} herself` } } });

  it('leave together on one connection, and get each its own answer', async () => {
    const sockets = new Set<unknown>();
    directory.answer = (request, play) => {
      if (request.kind === 'search') sockets.add(play.socket);
      good(request, play);
    };
    expect(await askAll()).toEqual(users.map(herself));
    expect([directory.searches().length, sockets.size]).toEqual([8, 1]);
  });

  it('are eight at most on one connection', async () => {
    const perSocket = new Map<unknown, number>();
    directory.answer = gathering(9, (asked) => {
      for (const [, { socket }] of asked) perSocket.set(socket, (perSocket.get(socket) ?? 0) + 1);
      answerAll(asked, (id, user) => [entryOf(id, user), done(id)]);
    });
    expect(await askAll([...users, 'ida'])).toEqual([...users, 'ida'].map(herself));
    expect([...perSocket.values()].sort()).toEqual([1, 8]);
  });

  it('do not wait for one of an earlier turn', async () => {
    const slow: Asked[] = [];
    directory.answer = (request, play) =>
      request.kind === 'search' && userIn(request) === 'bob' ? slow.push([request, play]) : good(request, play);
    const bob = ask('bob');
    while (slow.length === 0) await setImmediate();
    expect(await askAll(['cat', 'dan'])).toEqual(['cat', 'dan'].map(herself));
    answerAll(slow, (id, user) => [entryOf(id, user), done(id)]);
    expect(await bob).toEqual(herself('bob'));
  });

  it('never share with a bind, and binds share with nobody', async () => {
    const open = new Map<unknown, Request['kind'][]>();
    directory.answer = (request, play) => {
      const kinds = open.get(play.socket) ?? [];
      open.set(play.socket, [...kinds, request.kind]);
      if (kinds.includes('bind') || (request.kind === 'bind' && kinds.length > 0)) play.socket.destroy();
      setImmediate()
        .then(() => (open.delete(play.socket), good(request, play)))
        .catch(() => undefined);
    };
    await askAll();
    expect(await askAll()).toEqual(users.map(herself));
  });

  const fair: readonly (readonly [what: string, answer: (asked: readonly Asked[]) => void])[] = [
    ['in the opposite order', (asked) => answerAll([...asked].reverse(), (id, user) => [entryOf(id, user), done(id)])],
    [
      'with their entries interleaved',
      (asked) => {
        answerAll(asked, (id, user) => [entryOf(id, user)]);
        answerAll([...asked].reverse(), (id) => [done(id)]);
      },
    ],
    [
      'with the end of one before the entry of another',
      ([first, ...rest]) => {
        answerAll([first!], (id, user) => [entryOf(id, user), done(id)]);
        answerAll([...rest].reverse(), (id, user) => [entryOf(id, user)]);
        answerAll(rest, (id) => [done(id)]);
      },
    ],
    [
      'in one piece, and in pieces that end anywhere',
      (asked) => {
        const bytes = Buffer.concat(asked.flatMap(([search]) => [entryOf(search.id, userIn(search)), done(search.id)]));
        for (let at = 0; at < bytes.length; at += 7) asked[0]![1].socket.write(bytes.subarray(at, at + 7));
      },
    ],
    [
      'with more than eight megabytes for all of them together',
      (asked) => answerAll(asked, (id, user) => [entryOf(id, user, { photo: ['x'.repeat(1_200_000)] }), done(id)]),
    ],
  ];

  it.each(fair)('are told apart when they are answered %s', async (_, answer) => {
    await store.stop?.(never);
    await started('1m');
    directory.answer = gathering(users.length, answer);
    expect(await askAll(users, never)).toEqual(users.map(herself));
  });

  /** The number of the next in the ring. */
  const nextTo = (id: number, all: readonly Asked[]): number => idsOf(all)[(idsOf(all).indexOf(id) + 1) % all.length] ?? 0;

  const fouls: readonly (readonly [what: string, answer: (asked: readonly Asked[]) => void])[] = [
    ['under numbers that nobody asked with', (asked) => answerAll(asked, (id, user) => [entryOf(id + 1000, user), done(id + 1000)])],
    ['under numbers that were answered long ago', (asked) => answerAll(asked, (_, user) => [entryOf(1, user), done(1)])],
    [
      'twice, the second time with the entry of another',
      (asked) => {
        answerAll(asked, (id, user) => [entryOf(id, user), done(id)]);
        answerAll(asked, (id) => [entryOf(id, 'eve'), done(id)]);
      },
    ],
    ['with another entry after the end', (asked) => answerAll(asked, (id, user) => [entryOf(id, user), done(id), entryOf(id, 'eve')])],
    [
      'with the end of a companion in between, twice',
      (asked) => answerAll(asked, (id, user, all) => [entryOf(id, user), done(nextTo(id, all)), done(id)]),
    ],
    [
      'with a bind answer to one of them',
      (asked) => answerAll(asked, (id, user) => (user === 'dan' ? [bound(id)] : [entryOf(id, user), done(id)])),
    ],
    [
      'and the connection breaks off in between',
      (asked) => {
        answerAll(asked.slice(0, 3), (id, user) => [entryOf(id, user), done(id)]);
        asked[0]![1].socket.end();
      },
    ],
    [
      'with more than eight megabytes for one of them',
      (asked) =>
        answerAll(asked, (id, user) => [
          ...Array.from({ length: user === 'dan' ? 9 : 1 }, () => entryOf(id, user, { photo: ['x'.repeat(1 << 20)] })),
          done(id),
        ]),
    ],
    ['for all but one', (asked) => answerAll(asked.slice(1), (id, user) => [entryOf(id, user), done(id)])],
  ];

  it.each(fouls)('never let one login have the answer to another when they are answered %s', async (_, answer) => {
    let socket: Play['socket'] | undefined;
    directory.answer = gathering(users.length, (asked) => {
      socket = asked[0]?.[1].socket;
      directory.answer = good;
      answer(asked);
    });
    const verdicts = await askAll();
    for (const [index, user] of users.entries()) {
      // No entry came for whose end came first.
      const outcomes = [herself(user), { kind: 'unknown-user' }];
      if (verdicts[index]?.kind !== 'deferred') expect(outcomes).toContainEqual(verdicts[index]);
    }
    // A server that mixes requests up is not believed again on that connection.
    while (socket?.destroyed === false) await setImmediate();
    expect(await askAll()).toEqual(users.map(herself));
  });

  it.each<[string, (play: Play) => void]>([
    ['hangs up', ({ socket }) => socket.destroy()],
    ['says what nobody can read', ({ socket }) => void socket.write(Buffer.from('0fffff', 'hex'))],
  ])('get their answers though the directory %s whenever it is asked for one of them', async (_, fall) => {
    await store.stop?.(never);
    await started('1m');
    directory.answer = (request, play) => {
      if (request.kind === 'search' && userIn(request) === 'dan') fall(play);
      else good(request, play);
    };
    for (const turn of [1, 2, 3]) {
      const verdicts = await askAll(users, never);
      expect([turn, ...verdicts.map(({ kind }) => kind)]).toEqual([
        turn,
        ...users.map((user) => (user === 'dan' ? 'deferred' : 'accepted')),
      ]);
    }
  });

  it('let nobody in as another when the directory gives each the answer of the next under its number', async () => {
    directory.answer = gathering(users.length, (asked) =>
      answerAll(asked, (id, user, all) => [entryOf(nextTo(id, all), user, { uid: [user] }), done(nextTo(id, all))]),
    );
    for (const verdict of await askAll()) expect(verdict).toEqual({ kind: 'unknown-user' });
  });

  it('get their answers though one of them is given up, whose answer then goes nowhere', async () => {
    const held: Asked[] = [];
    directory.answer = gathering(3, (asked) => held.push(...asked));
    const before = directory.taken;
    const abort = new AbortController();
    const [ann, bob, cat] = [ask('ann'), ask('bob', abort.signal), ask('cat')];
    while (held.length < 3) await setImmediate();
    abort.abort(new Error('given up'));
    expect(await bob).toEqual({ kind: 'deferred', cause: new Error('given up') });
    directory.answer = good;
    answerAll([held[1]!, held[0]!, held[2]!], (id, user) => [entryOf(id, user), done(id)]);
    expect(await Promise.all([ann, cat])).toEqual([herself('ann'), herself('cat')]);
    expect(await ask('dan')).toEqual(herself('dan'));
    // All was answered, so the connection is as good as ever; one more is for the second bind.
    expect(directory.taken).toBe(before + 1);
  });

  it('end their connection when only what was given up is still to be answered, and when all are given up', async () => {
    // Not because it is late.
    await store.stop?.(never);
    await started('1m');
    for (const last of [true, false]) {
      const held: Asked[] = [];
      directory.answer = gathering(2, (asked) => held.push(...asked));
      const abort = new AbortController();
      const both = [ask('ann', last ? never : abort.signal), ask('bob', abort.signal)];
      while (held.length < 2) await setImmediate();
      abort.abort(new Error('given up'));
      await both[1];
      expect(held[0]?.[1].socket.destroyed).toBe(false);
      directory.answer = good;
      if (last) answerAll(held.slice(0, 1), (id, user) => [entryOf(id, user), done(id)]);
      expect((await both[0])?.kind).toBe(last ? 'accepted' : 'deferred');
      while (held[0]?.[1].socket.destroyed === false) await setImmediate();
      expect(await ask('cat')).toEqual(herself('cat'));
    }
  });

  it('are all asked again, together, when their connection turns out to be long dead', async () => {
    directory.answer = (request, play) => {
      directory.answer = good;
      play.socket.destroy();
    };
    const before = directory.taken;
    expect(await askAll()).toEqual(users.map(herself));
    // Both that may search, and the binds.
    expect(directory.taken).toBeLessThanOrEqual(before + 2 + 8);
    expect(await store.health?.(never)).toEqual({ status: 'up' });
  });
});
