import { describe, expect, it } from '@jest/globals';
import { CsvReader } from '../../src/cli/import/csv.js';
import { person, readText } from './read-text.js';

const read = (text: string, fields: Record<string, string> = {}, delimiter = ',') =>
  readText(new CsvReader(delimiter, new Map(Object.entries(fields))), text);

describe('a CSV file', () => {
  it('is read by its header: every other column is an attribute', () =>
    expect(
      read('\ufeffEmail,hash,host,Enabled,__proto__\r\nann@example.org,"{PLAIN}a,""b""",mail-a,yes,odd\r\n\r\nbob,{PLAIN}x,,0,\r\n'),
    ).toEqual([
      person(2, 'ann@example.org', '{PLAIN}a,"b"', {
        attributes: Object.fromEntries([
          ['host', 'mail-a'],
          ['__proto__', 'odd'],
        ]),
      }),
      person(4, 'bob', '{PLAIN}x', { enabled: false }),
    ]));

  it('takes other names and another delimiter', () =>
    expect(read('id;crypted;server\n7;{PLAIN}x;mail-a\n', { user: 'id', password: 'crypted', host: 'server' }, ';')).toEqual([
      person(2, '7', '{PLAIN}x', { attributes: { host: 'mail-a' } }),
    ]));

  it('gives an attribute any name, also one that every object has', () =>
    expect(read('user,hash,team\nann,{PLAIN}x,red\n', { constructor: 'team' })).toEqual([
      person(2, 'ann', '{PLAIN}x', { attributes: { constructor: 'red' } }),
    ]));

  it.each([
    ['without a column for the user', 'id,hash', {}],
    ['with two columns that may be the user', 'user,email,hash', {}],
    ['that lacks a named column', 'user,hash', { host: 'server' }],
    ['with one name twice', 'user,hash,hash', {}],
    ['with an open quote', 'user,"hash', {}],
  ])('with a header %s is broken once, and nothing below it is read', (_name, header, fields) =>
    expect(read(`${header}\nann,{PLAIN}secret,x\n`, fields)).toEqual([
      { kind: 'broken', line: 1, whole: true, reason: expect.stringMatching(/^the header cannot be used: (?!.*secret)/) },
    ]),
  );

  it('tells each broken line with its own number and nothing of what it says', () => {
    const lines = ['user,hash', 'ann,{PLAIN}x', 'bob,"sec\nret",y', 'carl,sec"ret', 'dora', 'eve,\0', 'fred,"{PLAIN}x"'];
    const entries = read(lines.join('\n'));
    expect(entries.map(({ kind, line }) => `${kind} ${line}`)).toEqual([
      ...['person 2', 'broken 3', 'broken 4', 'broken 5', 'broken 6', 'broken 7', 'person 8'],
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/sec|ret"/);
  });

  it('has lines of a mebibyte that swallow nobody', () =>
    expect(read(`user,hash\nann,"${'k'.repeat(1_048_576)}\nbob,{PLAIN}x`)).toEqual([
      { kind: 'broken', line: 2, reason: 'it is longer than 64 KiB' },
      person(3, 'bob', '{PLAIN}x'),
    ]));

  it('says neither yes nor no: broken', () =>
    expect(read('user,hash,enabled\nann,{PLAIN}x,perhaps')).toMatchObject([{ kind: 'broken', line: 2 }]));
});
