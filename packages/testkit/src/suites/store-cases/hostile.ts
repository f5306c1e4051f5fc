import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { needed, withStore } from './opened-store.js';
import type { StoreCase } from './store-case.js';

const mebibyte = 'a'.repeat(1_048_576);

/** Names that a person may type and the host lets through. None of them is anybody. */
const typed = [
  '*',
  '*)(uid=*',
  '*)(|(objectClass=*',
  'a\\2a',
  "' or 1=1 --",
  '" or ""="',
  "'; drop table users; --",
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString@example.org',
  '{user}',
  '${user}',
  '%s%n',
  '%',
  '_',
  '../../etc/passwd',
  'a b',
  '"quoted"@example.org',
  '\u202euser@example.org',
  '\u{1f600}@example.org',
] as const;

/** What the host never hands over; a store must survive it all the same. */
const impossible = ['', 'a\r\nb', 'a\nb', 'a\0b', '\u001b[2J', '\ud800', mebibyte, `${mebibyte}@example.org`] as const;

/** What might make another name mean the known user. */
const disguises = (user: string): readonly string[] => [
  `${user}\0`,
  `${user}\r\n`,
  `${user})(uid=*`,
  `${user}' --`,
  `${user}*`,
  `${user.slice(0, -1)}*`,
  `${user.slice(0, -1)}_`,
  `${user.slice(0, -1)}?`,
];

const passwords = [
  '*',
  "' or ''='",
  '{PLAIN}',
  '\0',
  'a\0b',
  '\r\n',
  mebibyte,
  Uint8Array.from([0xff, 0xfe, 0x80]),
  Uint8Array.from([0xc3, 0x28]),
] as const;

export const hostileCases: readonly StoreCase[] = [
  {
    id: 'hostile-users',
    title: 'accepts nobody under a hostile name, calls what can be typed no user of its own, and goes on working',
    run: (setup) =>
      withStore(setup, async (opened) => {
        const { password } = setup.known;
        for (const user of typed) {
          const { kind } = await opened.ask({ user, password });
          assert.ok(kind === 'unknown-user' || kind === 'rejected', `the user ${JSON.stringify(user)} was ${kind}`);
        }
        for (const user of [...impossible, ...disguises(setup.known.user)]) {
          const { kind } = await opened.ask({ user, password });
          assert.ok(['unknown-user', 'rejected', 'deferred'].includes(kind), `the user ${JSON.stringify(user.slice(0, 40))} was ${kind}`);
        }
        assert.equal((await opened.ask(setup.known)).kind, 'accepted');
      }),
  },
  {
    id: 'hostile-passwords',
    title: 'accepts no hostile password, and goes on working',
    run: (setup) =>
      withStore(setup, async (opened) => {
        const { user } = setup.known;
        for (const password of passwords) {
          const { kind } = await opened.ask({ user, password });
          assert.ok(kind === 'rejected' || kind === 'deferred', `a hostile password was ${kind}`);
        }
        assert.equal((await opened.ask(setup.known)).kind, 'accepted');
      }),
  },
  {
    id: 'concurrent',
    title: 'never mixes up users that log in at the same time',
    run: (setup) =>
      withStore(setup, async (opened) => {
        const many = needed(setup.many, 'many');
        assert.ok(many.length >= 50, 'give at least 50 users in `many`');
        const asked = many.flatMap(({ user, password }, index) => {
          const other = many[(index + 1) % many.length]?.password ?? '';
          return [
            { user, password, expected: user },
            { user, password: other, expected: undefined },
          ];
        });
        const verdicts = await Promise.all(asked.map(({ user, password }) => opened.ask({ user, password })));
        for (const [index, verdict] of verdicts.entries()) {
          const expected = asked[index]?.expected;
          const got = verdict.kind === 'accepted' ? verdict.account.user : undefined;
          const heard = verdict.kind === 'deferred' ? `deferred: ${inspect(verdict.cause)}` : verdict.kind;
          assert.equal(got, expected, `${String(asked[index]?.user)}: ${heard}`);
          if (expected === undefined) assert.equal(heard, 'rejected');
        }
      }),
  },
];
