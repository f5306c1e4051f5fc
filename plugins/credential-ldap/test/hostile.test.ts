import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { attempt, describeWithServers, ServerRoom, slapdSuffix, startSlapd, type Slapd, type StoreUnderTest } from '@postern/testkit';
import { nodesIn, type Node } from './ber.js';
import { byTemplate, makeStore, usual } from './make-store.js';
import { entry, frame, people } from './people.js';
import { done, oneEntry, ScriptedDirectory } from './scripted-directory.js';

const hostile = [
  '*',
  '*)(uid=*',
  '*)(|(objectClass=*',
  'ann)(mail=*))(|(mail=*',
  'a\\2a',
  'a\\',
  '&(uid=*)',
  '__proto__',
  '{user}',
  '{{user}}',
  "' or 1=1 --",
  'é*ü',
  '\u{1f600}',
  'cn=manager,dc=example,dc=org',
  'x,ou=admins',
  'x+cn=manager',
  '"x"',
  '<x>',
  'x;y',
  '#04026869',
  ' x',
  'x ',
];

const impossible = ['', 'a\0b', 'a\r\nb', '\ud800', 'a'.repeat(1 << 20), `${'ü'.repeat(300)}@example.org`];

const stopped = async (store: StoreUnderTest): Promise<void> => store.stop?.(new AbortController().signal);

describe('hostile names, as the directory gets them', () => {
  it('are one assertion value of the filter, byte for byte', async () => {
    const directory = await ScriptedDirectory.start((request, { write }) => {
      if (request.kind === 'search') write(done(request.id));
      else oneEntry('x', 'x')(request, { write } as never);
    });
    const store = makeStore(usual(directory.url, { filter: '(&(objectClass=person)(|(uid={user})(mail=*{user}*)))' }));
    for (const user of hostile) {
      expect(await store.verify(attempt({ user }), AbortSignal.timeout(2000))).toEqual({ kind: 'unknown-user' });
      const { filter } = directory.searches().at(-1)!;
      const [person, either, ...more] = nodesIn(filter.value);
      const [uid, mail, ...rest] = nodesIn(either!.value);
      expect([filter.tag, person?.tag, either?.tag, uid?.tag, mail?.tag, more.length, rest.length]).toEqual([
        0xa0, 0xa3, 0xa1, 0xa3, 0xa4, 0, 0,
      ]);
      expect(texts(nodesIn(uid!.value))).toEqual(['uid', user]);
      const [attribute, substrings] = nodesIn(mail!.value);
      expect(attribute?.value.toString()).toBe('mail');
      expect(nodesIn(substrings!.value).map((each) => [each.tag, each.value.toString()])).toEqual([[0x81, user]]);
    }
    await stopped(store);
    await directory.stop();
  });

  it('never arrive when nobody can be called so', async () => {
    const directory = await ScriptedDirectory.start(oneEntry('x', 'x'));
    for (const input of [usual(directory.url), byTemplate(directory.url), usual(directory.url, { check: 'verify-here' })]) {
      const store = makeStore(input);
      for (const user of impossible) {
        expect(await store.verify(attempt({ user }), AbortSignal.timeout(2000))).toEqual({ kind: 'unknown-user' });
      }
      await stopped(store);
    }
    expect(directory.requests).toEqual([]);
    await directory.stop();
  });
});

const texts = (nodes: readonly Node[]): readonly string[] => nodes.map((each) => each.value.toString());

describeWithServers({ describe, it }, 'hostile names at a real slapd', () => {
  let room: ServerRoom;
  let slapd: Slapd;
  const url = (): string => `ldap://127.0.0.1:${slapd.port}`;
  const odd = [
    'A, B',
    'plus+sign',
    '"quoted"',
    '<angle>',
    'semi;colon',
    '#04026869',
    'back\\slash',
    'eq=ual',
    'é ü',
    'star*',
    'par(en)s',
    '+1',
  ];

  beforeAll(async () => {
    room = await ServerRoom.open();
    const escaped = (value: string): string => [...Buffer.from(value)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
    slapd = await startSlapd(room, {
      name: 'odd',
      ldif:
        frame +
        entry({ uid: 'ann', password: 'Right-of-Ann' }) +
        odd
          .map((uid, index) => entry({ uid, mail: `odd-${index}@example.org`, rdn: `uid=${escaped(uid)}`, password: `Right-of-${index}` }))
          .join(''),
    });
  });
  afterAll(() => room.close());

  it('find nobody, and mean to slapd what was typed', async () => {
    const store = makeStore(usual(url()));
    for (const user of hostile) {
      const verdict = await store.verify(attempt({ user, password: 'Right-of-Ann' }), AbortSignal.timeout(2000));
      expect([user, verdict]).toEqual([user, { kind: 'unknown-user' }]);
    }
    await stopped(store);
    const filters = [...slapd.output().matchAll(/SRCH base="ou=people[^"]*" scope=2 deref=0 filter="(.*)"$/gm)].map(([, filter]) => filter);
    expect(filters.length).toBe(hostile.length);
    // slapd writes a value that its schema refuses as ?=undefined or with its error; stars and parentheses are always escaped.
    for (const filter of filters) expect(filter).toMatch(/^\((?:\?mail|mail)=[^*()]*\)$/);
    expect(filters).toContain('(mail=\\2A\\29\\28uid=\\2A)');
  });

  it('log in under the DN they have in the directory, however odd', async () => {
    const search = makeStore(usual(url(), { filter: '(uid={user})' }));
    const template = makeStore(byTemplate(url(), { dn: `uid={user},${people}` }));
    for (const [index, uid] of odd.entries()) {
      const user = uid.toLowerCase();
      for (const store of [search, template]) {
        const ask = (password: string): Promise<unknown> => store.verify(attempt({ user, password }), AbortSignal.timeout(2000));
        expect([user, await ask(`Right-of-${index}`)]).toMatchObject([user, { kind: 'accepted', account: { user } }]);
        expect([user, await ask(`Right-of-${index + 1}`)]).toEqual([user, { kind: 'rejected' }]);
      }
    }
    await stopped(search);
    await stopped(template);
  });

  it('are not taken for another by a template, though slapd would', async () => {
    const store = makeStore(byTemplate(url(), { dn: `uid={user},${people}` }));
    const password = `Right-of-${odd.indexOf('eq=ual')}`;
    const ask = (user: string): Promise<unknown> => store.verify(attempt({ user, password }), AbortSignal.timeout(2000));
    expect(await ask('eq=ual')).toMatchObject({ kind: 'accepted' });
    for (const twin of ['\uff45q=ual', 'eq=ual ', '\u00ad' + 'eq=ual'])
      expect([twin, await ask(twin)]).toEqual([twin, { kind: 'unknown-user' }]);
    await stopped(store);
  });

  it('make no other DN of a template', async () => {
    const store = makeStore(byTemplate(url(), { dn: `uid={user},${people}` }));
    const before = slapd.output().length;
    for (const user of hostile) {
      const { kind } = await store.verify(attempt({ user, password: 'manager-of-all' }), AbortSignal.timeout(2000));
      expect([user, ['rejected', 'unknown-user'].includes(kind)]).toEqual([user, true]);
    }
    await stopped(store);
    const names = [
      ...slapd
        .output()
        .slice(before)
        .matchAll(/BIND dn="(.*)" method=128$/gm),
    ].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) expect(name).toMatch(new RegExp(`^uid=(?:[^,+=]|\\\\.)*,${people}$`));
    expect(slapd.output()).not.toContain(`BIND dn="cn=manager,${slapdSuffix}"`);
  });
});
