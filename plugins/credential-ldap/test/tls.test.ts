import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Verdict } from '@postern/contract';
import {
  attempt,
  CertificateAuthority,
  describeStoreOutages,
  describeWithServers,
  ServerRoom,
  startSlapd,
  type KeyPair,
  type Slapd,
  type StoreUnderTest,
} from '@postern/testkit';
import { makeStore, usual } from './make-store.js';
import { everybody, frame } from './people.js';
import { bound, done, extended, oneEntry, ScriptedDirectory, type Answering } from './scripted-directory.js';

const runner = { describe, it, beforeAll, afterAll, beforeEach, afterEach };
const never = new AbortController().signal;

describeWithServers({ describe, it }, 'LDAP over TLS', () => {
  let room: ServerRoom;
  let slapd: Slapd;
  let old: Slapd;
  let ca: CertificateAuthority;
  let other: CertificateAuthority;
  let pair: KeyPair;
  let store: StoreUnderTest | undefined;

  beforeAll(async () => {
    room = await ServerRoom.open();
    ca = await CertificateAuthority.create(room);
    other = await CertificateAuthority.create(room, 'Another authority');
    pair = await ca.server();
    slapd = await startSlapd(room, { name: 'tls', ldif: frame + everybody, tls: pair });
    old = await startSlapd(room, { name: 'tls12', ldif: frame + everybody, tls: pair, tlsCiphers: 'SECURE128:-VERS-ALL:+VERS-TLS1.2' });
  });
  afterEach(async () => {
    await store?.stop?.(never);
  });
  afterAll(() => room.close());

  const ask = async (input: object): Promise<Verdict> => {
    await store?.stop?.(never);
    store = makeStore(usual('ldap://unused', input));
    return store.verify(attempt({ password: 'Hash-of-Ann' }), AbortSignal.timeout(4000));
  };
  const ldaps = (more: object = {}, host = '127.0.0.1'): object => ({
    url: `ldaps://${host}:${slapd.tlsPort}`,
    tls: { ca: ca.cert, ...more },
  });
  const startTls = (more: object = {}, host = '127.0.0.1'): object => ({
    url: `ldap://${host}:${slapd.port}`,
    startTls: true,
    tls: { ca: ca.cert, ...more },
  });

  it.each([
    ['ldaps', ldaps],
    ['StartTLS', startTls],
  ])('lets people in by %s, with an authority of one’s own, by name and by address', async (_, way) => {
    expect(await ask(way())).toMatchObject({ kind: 'accepted' });
    expect(await ask(way({}, 'localhost'))).toMatchObject({ kind: 'accepted' });
    expect(await ask(way({ serverName: 'mail.example.org' }))).toMatchObject({ kind: 'accepted' });
    expect(await ask(way({ minVersion: 'TLSv1.3' }))).toMatchObject({ kind: 'accepted' });
  });

  it.each([
    ['ldaps', ldaps],
    ['StartTLS', startTls],
  ])('defers by %s when the certificate is not to be trusted, and says no password', async (_, way) => {
    // Its log is complete once it has ended.
    const binds = async (): Promise<number> => (await slapd.restart(), slapd.output().match(/ BIND dn=/g)?.length ?? 0);
    const before = await binds();
    expect(await ask(way({ ca: undefined }))).toMatchObject({ kind: 'deferred' });
    expect(await ask(way({ ca: other.cert }))).toMatchObject({ kind: 'deferred' });
    expect(await ask(way({ serverName: 'other.example.org' }))).toMatchObject({ kind: 'deferred' });
    expect(await ask(way({ serverName: '127.0.0.2' }))).toMatchObject({ kind: 'deferred' });
    expect(await binds()).toBe(before);
    expect(await store?.health?.(never)).toMatchObject({ status: 'down', note: expect.stringContaining('127.0.0.1') });
  });

  it.each([
    ['ldaps', (): object => ({ url: `ldaps://127.0.0.1:${old.tlsPort}` })],
    ['StartTLS', (): object => ({ url: `ldap://127.0.0.1:${old.port}`, startTls: true })],
  ])('speaks no older version by %s than it is told', async (_, at) => {
    expect(await ask({ ...at(), tls: { ca: ca.cert } })).toMatchObject({ kind: 'accepted' });
    expect(await ask({ ...at(), tls: { ca: ca.cert, minVersion: 'TLSv1.3' } })).toMatchObject({ kind: 'deferred' });
  });

  it('defers when one side speaks TLS and the other does not', async () => {
    expect(await ask({ ...ldaps(), url: `ldaps://127.0.0.1:${slapd.port}` })).toMatchObject({ kind: 'deferred' });
    expect(await ask({ url: `ldap://127.0.0.1:${slapd.tlsPort}` })).toMatchObject({ kind: 'deferred' });
  });

  it('reads a renewed authority without a restart', async () => {
    const path = await room.write('renewed.pem', await readFile(other.cert));
    expect(await ask(ldaps({ ca: path }))).toMatchObject({ kind: 'deferred' });
    await room.write('renewed.pem', await readFile(ca.cert));
    const login = (): Promise<Verdict> => store!.verify(attempt({ password: 'Hash-of-Ann' }), AbortSignal.timeout(2000));
    let verdict = await login();
    for (const until = Date.now() + 5000; verdict.kind === 'deferred' && Date.now() < until;) {
      await setTimeout(10);
      verdict = await login();
    }
    expect(verdict).toMatchObject({ kind: 'accepted' });
  });

  const outage = (port: () => number, input: (host: string, at: number) => object): Parameters<typeof describeStoreOutages>[1] => ({
    name: 'ldap',
    upstream: () => ({ host: '127.0.0.1', port: port() }),
    make: (at, services) =>
      makeStore(usual('ldap://unused', { ...input(at.host, at.port), timeout: '300ms', connectTimeout: '300ms' }), services),
    good: { user: 'ann@example.org', password: 'Hash-of-Ann' },
    timeoutMs: 800,
    untrusted: {
      'by another authority': (at, services) =>
        makeStore(usual('ldap://unused', { ...input(at.host, at.port), tls: { ca: other.cert } }), services),
      'under another name': (at, services) =>
        makeStore(usual('ldap://unused', { ...input(at.host, at.port), tls: { ca: ca.cert, serverName: 'x.example.org' } }), services),
    },
  });
  describe('by ldaps', () => {
    describeStoreOutages(
      runner,
      outage(
        () => slapd.tlsPort,
        (host, port) => ({ url: `ldaps://${host}:${port}`, tls: { ca: ca.cert } }),
      ),
    );
  });
  describe('by StartTLS', () => {
    describeStoreOutages(
      runner,
      outage(
        () => slapd.port,
        (host, port) => ({ url: `ldap://${host}:${port}`, startTls: true, tls: { ca: ca.cert } }),
      ),
    );
  });

  describe('at a directory that plays foul with StartTLS', () => {
    let directory: ScriptedDirectory;

    const start = async (answer: Answering): Promise<object> => {
      directory = await ScriptedDirectory.start(answer, { cert: await readFile(pair.cert), key: await readFile(pair.key) });
      return { url: directory.url, startTls: true, tls: { ca: ca.cert }, timeout: '500ms', connectTimeout: '500ms' };
    };
    afterEach(() => directory.stop());

    const encrypting: Answering = (request, play) => {
      if (request.kind === 'starttls') {
        play.write(extended(request.id));
        play.secure();
      } else oneEntry('mail=ann', 'Hash-of-Ann')(request, play);
    };
    const inTheClear = (): readonly unknown[] =>
      directory.requests.filter((each) => each.kind !== 'starttls' && !(each.kind === 'bind' && each.encrypted));

    it('never logs in in clear text after a connection dropped', async () => {
      expect(await ask(await start(encrypting))).toMatchObject({ kind: 'accepted' });
      for (const answer of [
        encrypting,
        ((request, { write }) => write(request.kind === 'starttls' ? extended(request.id, 52) : bound(request.id))) satisfies Answering,
        ((request, { socket, write }) => (request.kind === 'starttls' ? socket.destroy() : write(bound(request.id)))) satisfies Answering,
        ((request, { write }) => (request.kind === 'starttls' ? undefined : write(bound(request.id)))) satisfies Answering,
      ]) {
        directory.answer = answer;
        directory.dropAll();
        const asked = [1, 2, 3].map(() => store!.verify(attempt({ password: 'Hash-of-Ann' }), AbortSignal.timeout(2000)));
        for (const verdict of await Promise.all(asked)) expect(['accepted', 'deferred']).toContain(verdict.kind);
      }
      expect(directory.binds().filter((each) => !each.encrypted)).toEqual([]);
      expect(inTheClear().filter((each) => (each as { kind: string }).kind === 'bind')).toEqual([]);
    });

    it.each([1, 2, 52, 53, 80, 4096])('defers when StartTLS is answered with %i', async (code) => {
      expect(
        await ask(
          await start((request, { write }) => {
            if (request.kind === 'starttls') write(extended(request.id, code));
            else if (request.kind === 'bind') write(bound(request.id));
            else write(done(request.id));
          }),
        ),
      ).toMatchObject({ kind: 'deferred' });
      expect(directory.binds()).toEqual([]);
    });

    it('takes nothing that came in clear text for an answer under TLS', async () => {
      // The beginning of a successful bind response whose message swallows the true response that follows under TLS.
      const forged = (id: number): Buffer =>
        Buffer.from([0x30, 0x1a, 0x02, 0x01, id, 0x61, 0x15, 0x0a, 0x01, 0x00, 0x04, 0x00, 0x04, 0x0e]);
      for (const id of [2, 3]) {
        expect(
          await ask(
            await start((request, play) => {
              if (request.kind === 'starttls') {
                play.write(extended(request.id), forged(id));
                play.secure();
              } else if (request.kind === 'bind') play.write(bound(request.id, 49));
              else play.write(done(request.id));
            }),
          ),
        ).toMatchObject({ kind: 'deferred' });
        await directory.stop();
      }
      await start(encrypting);
    });
  });
});
