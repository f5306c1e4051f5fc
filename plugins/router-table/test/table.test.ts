import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadTable } from '../src/load-table.js';
import { PackedTable } from '../src/packed-table.js';
import type { Row } from '../src/rows/row.js';
import { textRows } from '../src/rows/text-rows.js';
import { tableKey } from '../src/table-key.js';

const good = () => undefined;
const load = (text: string, fault: (value: string) => string | undefined = good) => loadTable(textRows(Buffer.from(text)), fault);

describe('a packed table', () => {
  it('answers like a Map, for any texts', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constantFrom('__proto__', 'constructor', '', 'a', 'aa'));
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 200 }), fc.array(text), (rows, others) => {
        const [packed, map] = [new PackedTable(), new Map<string, string>()];
        for (const [key, value] of rows) {
          const twin = packed.add(key, value);
          expect(twin).toBe(map.has(key) ? [...map.keys()].indexOf(key) : undefined);
          if (twin === undefined) map.set(key, value);
        }
        expect(packed.size).toBe(map.size);
        for (const key of [...map.keys(), ...others]) expect(packed.get(key)).toBe(map.get(key));
      }),
    );
  });

  it('tells keys apart whose hashes are equal', () => {
    const packed = new PackedTable();
    for (const key of ['costarring', 'liquid', 'declinate', 'macallums']) expect(packed.add(key, `home of ${key}`)).toBeUndefined();
    expect(packed.get('liquid')).toBe('home of liquid');
    expect(packed.get('macallums')).toBe('home of macallums');
  });

  it('keeps its rows while it grows', () => {
    const packed = new PackedTable();
    for (let row = 0; row < 50_000; row += 1) packed.add(`user${row}@example.org`, `mail-${row % 7}.example.org:${1000 + (row % 977)}`);
    for (let row = 0; row < 50_000; row += 499)
      expect(packed.get(`user${row}@example.org`)).toBe(`mail-${row % 7}.example.org:${1000 + (row % 977)}`);
    expect(packed.get('user50000@example.org')).toBeUndefined();
    expect(packed.get('u'.repeat(1 << 20))).toBeUndefined();
  });
});

describe('loading a table', () => {
  it('takes 100 000 rows without holding the event loop', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 0);
    const table = await load(Array.from({ length: 100_000 }, (_, index) => `user${index} mail-a\n`).join(''));
    clearInterval(timer);
    expect(table.size).toBe(100_000);
    expect(turns).toBeGreaterThan(10);
  });

  it('gives way within a long stretch of comments, too', async () => {
    let read = 0;
    function* comments(): Generator<Row> {
      for (; read < 100_000; read += 1) yield { kind: 'nothing' };
    }
    const loading = loadTable(comments(), good);
    expect(read).toBeLessThan(5000);
    await loading;
    expect(read).toBe(100_000);
  });

  it('refuses the whole table for one bad line, and names its line', async () => {
    await expect(load('ann mail-a\nben\ncleo mail-a\n')).rejects.toThrow(
      'the table cannot be used: line 2: not a key, white space and a value',
    );
  });

  it('names both lines of a key that stands there twice, however it is written', async () => {
    await expect(load('# x\nAnn@Example.org mail-a\nann@example.ORG. mail-b\n')).rejects.toThrow(
      'line 3: the key "ann@example.ORG." stands on line 2 already',
    );
  });

  it('names the first bad lines and counts the others', async () => {
    await expect(load('bad\n'.repeat(100_000))).rejects.toThrow(/line 1: .*; line 5: [^;]*; and 99995 more$/);
  });

  it('says what is wrong with a value', async () => {
    const fault = (value: string) => (value === 'mail-a' ? undefined : `${value} is not declared`);
    await expect(load('ann mail-a\nben mail-x\n', fault)).rejects.toThrow('line 2: mail-x is not declared');
  });
});

describe('a key', () => {
  it('is the same in any case, either IDN form and with or without the domain’s trailing dot', () => {
    for (const written of ['Ann@München.Example', 'ANN@XN--MNCHEN-3YA.EXAMPLE.', 'ann@mu\u0308nchen.example']) {
      expect(tableKey(written)).toBe('ann@xn--mnchen-3ya.example');
    }
    expect(tableKey('MÜNCHEN.example')).toBe('xn--mnchen-3ya.example');
    expect(tableKey('JÖRG')).toBe('jörg');
    expect(tableKey('*')).toBe('*');
    expect(tableKey('Jörg@Example.org')).toBe('jörg@example.org');
  });

  it('does not change when it is made twice', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => expect(tableKey(tableKey(text))).toBe(tableKey(text))));
  });
});
