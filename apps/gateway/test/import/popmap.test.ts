import { describe, expect, it } from '@jest/globals';
import { PopmapReader } from '../../src/cli/import/popmap.js';
import { readText } from './read-text.js';

const read = (text: string) => readText(new PopmapReader(), text);
const rows = (text: string) =>
  read(text).map((entry) => (entry.kind === 'home' ? `${entry.key} ${entry.host}` : `${entry.kind} ${entry.line}`));

describe('a popmap', () => {
  it('maps keys to servers', () =>
    expect(
      rows(
        '\ufeff# comment\r\nhorms:foo.bar:110\r\n\r\nann@example.org: mail-a # hers\r\nbob:bob@10.0.0.1\r\n__proto__:mail-b\r\nipv6:[2001:db8::1]:143',
      ),
    ).toEqual([...['horms foo.bar:110', 'ann@example.org mail-a', 'bob 10.0.0.1', '__proto__ mail-b', 'ipv6 [2001:db8::1]:143']]));

  it('of expressions gives a row where one row says the same', () =>
    expect(
      rows(
        [
          '.*: mail-a',
          '^: mail-b',
          String.raw`^.*@example\.org$: mail-c`,
          '@example.net$: mail-d',
          String.raw`^ann\+news@example\.org$: mail-e`,
        ].join('\n'),
      ),
    ).toEqual(['* mail-a', '* mail-b', 'example.org mail-c', 'example.net mail-d', 'ann+news@example.org mail-e']));

  it.each([
    ['a range', '^[a-k]: mail-a'],
    ['a back reference', '(.*)@(.*): $1@mail-a'],
    ['a prefix', '^ann: mail-a'],
    ['another login', 'ann:secret@mail-a'],
    ['a port by name', 'ann:mail-a:imap'],
    ['a port that is none', 'ann:mail-a:99999'],
    ['no server', 'ann:'],
    ['no key', ':mail-a'],
    ['no colon', 'ann'],
    ['a space in the key', 'ann b:mail-a'],
    ['a line break for a table', 'ann:mail-a\rroot evil'],
    ['a NUL', 'ann:mail-a\0'],
    ['a mebibyte', `ann:${'k'.repeat(1_048_576)}`],
  ])('is broken at a line with %s', (_name, line) => {
    const entries = read(`${line}\nbob:mail-b`);
    expect(entries).toMatchObject([
      { kind: 'broken', line: 1 },
      { kind: 'home', key: 'bob' },
    ]);
    expect(JSON.stringify(entries)).not.toContain('secret');
  });
});
