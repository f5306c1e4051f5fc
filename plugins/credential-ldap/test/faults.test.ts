import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Verdict } from '@postern/contract';
import { attempt, fakeServices, hasIpv6, LiveClock, type StoreUnderTest } from '@postern/testkit';
import { integer, node, text } from './ber.js';
import { makeStore, usual } from './make-store.js';
import { people } from './people.js';
import { bound, done, found, oneEntry, ScriptedDirectory, type Answering } from './scripted-directory.js';

const dn = `uid=ann,${people}`;
const password = 'Right-of-Ann';
const good = oneEntry(dn, password);
const never = new AbortController().signal;

/** Plays foul at the user's own bind, and is a good directory otherwise. */
const atHerBind =
  (foul: Answering): Answering =>
  (request, play) =>
    request.kind === 'bind' && request.name === dn ? foul(request, play) : good(request, play);

const atHerSearch =
  (foul: Answering): Answering =>
  (request, play) =>
    request.kind === 'search' && request.base === people ? foul(request, play) : good(request, play);

const deep = (depth: number): Buffer => (depth === 0 ? text('x') : node(0x30, deep(depth - 1)));

const fouls: readonly (readonly [what: string, answer: Answering])[] = [
  ['closes at once', atHerBind((_, { socket }) => socket.end())],
  ['resets', atHerBind((_, { socket }) => socket.resetAndDestroy())],
  ['says nothing', atHerBind(() => undefined)],
  ['says HTTP', atHerBind((_, { write }) => write(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')))],
  ['says one byte', atHerBind((_, { write }) => write(Buffer.from([0x30])))],
  ['announces two gigabytes', atHerBind((_, { write }) => write(Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 0x02])))],
  ['announces a negative length', atHerBind((_, { write }) => write(Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x02])))],
  ['uses an indefinite length', atHerBind((_, { write }) => write(Buffer.from([0x30, 0x80, 0x02, 0x01, 0x02, 0, 0])))],
  ['sends an empty message', atHerBind((_, { write }) => write(Buffer.from([0x30, 0x00])))],
  ['sends a message of nonsense', atHerBind((request, { write }) => write(node(0x30, integer(request.id), node(0x7f, text('x')))))],
  ['breaks off in the middle', atHerBind((request, { write, socket }) => (write(bound(request.id).subarray(0, 7)), socket.end()))],
  ['answers somebody else', atHerBind((request, { write }) => write(bound(request.id + 1)))],
  ['answers with the end of a search', atHerBind((request, { write }) => write(done(request.id)))],
  ['answers with an entry', atHerBind((request, { write }) => write(found(request.id, dn)))],
  [
    'answers with a request',
    atHerBind((request, { write }) => write(node(0x30, integer(request.id), node(0x60, integer(3), text(dn), node(0x80, 'x'))))),
  ],
  ['gives no result code', atHerBind((request, { write }) => write(node(0x30, integer(request.id), node(0x61))))],
  [
    'gives a broken control',
    atHerBind((request, { write }) => write(bound(request.id, 0, '', node(0x30, text('1.3.6.1.4.1.42.2.27.8.5.1'))))),
  ],
  ['gives a control of nonsense', atHerBind((request, { write }) => write(bound(request.id, 0, '', Buffer.from([0x30, 0x05, 0x01]))))],
  [
    'disconnects with a notice',
    atHerBind(
      (_, { write, socket }) => (write(node(0x30, integer(0), node(0x78, integer(52, 0x0a), text(''), text('bye')))), socket.end()),
    ),
  ],
  ['answers a search with a bind', atHerSearch((request, { write }) => write(bound(request.id)))],
  ['gives an entry whose DN is none', atHerSearch((request, { write }) => write(found(request.id, '=,=\\'), done(request.id)))],
  ['gives an entry and no end', atHerSearch((request, { write }) => write(found(request.id, dn)))],
  [
    'gives a broken entry',
    atHerSearch((request, { write }) =>
      write(node(0x30, integer(request.id), node(0x64, text(dn), node(0x30, Buffer.from([0x30, 0x7f, 0x04])))), done(request.id)),
    ),
  ],
  ['gives entries without end', atHerSearch((request, { socket }) => flood(socket, found(request.id, dn, { mail: ['x'.repeat(60_000)] })))],
  [
    'sends 20 000 messages at once',
    atHerSearch((_, { write }) => write(...Array.from({ length: 20_000 }, () => node(0x30, integer(9), node(0x65))))),
  ],
  ['nests deeply', atHerSearch((request, { write }) => write(node(0x30, integer(request.id), node(0x65, deep(3000)))))],
];

const flood = (socket: Parameters<Answering>[1]['socket'], chunk: Buffer): void => {
  const more = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', more);
  more();
};

describe('a directory that misbehaves', () => {
  let directory: ScriptedDirectory;
  let store: StoreUnderTest;
  const clock = new LiveClock();
  const services = fakeServices({ clock });

  beforeEach(async () => {
    directory = await ScriptedDirectory.start(good);
    store = makeStore(usual(directory.url, { timeout: '200ms', connectTimeout: '400ms' }), services);
  });
  afterEach(async () => {
    await store.stop?.(never);
    for (let turn = 0; directory.open > 0 && turn < 1000; turn += 1) await setImmediate();
    expect([directory.open, clock.pending]).toEqual([0, 0]);
    await directory.stop();
  });

  const ask = (): Promise<Verdict> => store.verify(attempt({ password }), AbortSignal.timeout(2000));

  it.each(fouls)('is deferred when it %s, breaks nothing, and is asked again on another connection', async (_, answer) => {
    expect(await ask()).toMatchObject({ kind: 'accepted' });
    directory.answer = answer;
    expect(await ask()).toMatchObject({ kind: 'deferred' });
    directory.answer = good;
    expect(await ask()).toMatchObject({ kind: 'accepted' });
  });

  it('is deferred when it closes every connection as soon as it is made', async () => {
    directory.answer = (_, { socket }) => socket.destroy();
    const verdicts = await Promise.all(Array.from({ length: 20 }, ask));
    for (const verdict of verdicts) expect(verdict.kind).toBe('deferred');
  });

  it('keeps nobody waiting afterwards when it says more than it was asked, as soon as it lets the service account in', async () => {
    directory.answer = (request, play) =>
      request.kind === 'bind' ? play.write(bound(request.id), bound(request.id)) : good(request, play);
    // More often than connections are allowed. Whoever waits for one of them would wait for as long as the host lets him.
    for (let times = 0; times < 20; times += 1) expect((await ask()).kind).toBe('deferred');
    directory.answer = good;
    let { kind } = await ask();
    for (const end = AbortSignal.timeout(10_000); kind !== 'accepted' && !end.aborted;) ({ kind } = await ask());
    expect(kind).toBe('accepted');
  });

  it('is not waited for longer than the host says, and leaves no connection behind that somebody gave up on', async () => {
    directory.answer = atHerBind(() => undefined);
    const abort = new AbortController();
    const asked = store.verify(attempt({ password }), abort.signal);
    while (!directory.binds().some((each) => each.name === dn)) await setImmediate();
    abort.abort(new Error('given up'));
    expect(await asked).toMatchObject({ kind: 'deferred', cause: new Error('given up') });
    // Its late answer goes nowhere: the next login has a connection of its own.
    directory.answer = good;
    expect(await ask()).toMatchObject({ kind: 'accepted' });
    expect(await store.verify(attempt({ password: 'wrong' }), AbortSignal.timeout(2000))).toEqual({ kind: 'rejected' });
  });

  it('does not give one login the answer to another when it answers late', async () => {
    const late: (() => void)[] = [];
    directory.answer = atHerBind((request, { write }) => late.push(() => write(bound(request.id))));
    expect(await ask()).toMatchObject({ kind: 'deferred' });
    directory.answer = good;
    const wrong = store.verify(attempt({ password: 'wrong' }), AbortSignal.timeout(2000));
    for (const answer of late) answer();
    expect(await wrong).toEqual({ kind: 'rejected' });
  });

  // Skipped only where the machine has no IPv6, as many containers have none.
  (hasIpv6() ? it : it.skip)('is found at an IPv6 address', async () => {
    const six = await ScriptedDirectory.start(good, undefined, '::1');
    const other = makeStore(usual(`ldap://[::1]:${six.port}`));
    expect(await other.verify(attempt({ password }), AbortSignal.timeout(2000))).toMatchObject({ kind: 'accepted' });
    await other.stop?.(never);
    await six.stop();
  });

  it('leaves no connection behind when it is stopped before the service account was let in', async () => {
    const starting = store.start!(never);
    await store.stop!(never);
    await expect(starting).rejects.toThrow('the store was stopped');
    while (directory.taken === 0) await setImmediate();
    expect(directory.binds()).toEqual([]);
  });

  it('leaves no connection behind when nobody waits any more for the answer to how it is', async () => {
    directory.answer = (_, { socket }) => socket.destroy();
    expect(await ask()).toMatchObject({ kind: 'deferred' });
    directory.answer = good;
    // It is left alone for a moment first.
    for (const before = directory.taken; directory.taken === before; await setImmediate()) {
      const abort = new AbortController();
      const asked = store.health!(abort.signal);
      abort.abort(new Error('given up'));
      expect(await asked).toMatchObject({ status: 'down' });
    }
  });

  it('says its name in the cause, and no password', async () => {
    directory.answer = atHerBind(() => undefined);
    const verdict = await ask();
    expect(verdict).toMatchObject({ kind: 'deferred' });
    expect(verdict.kind === 'deferred' && String(verdict.cause)).toContain(directory.url);
    expect(services.log.text()).toContain(directory.url);
    expect(services.log.text()).not.toContain(password);
  });
});
