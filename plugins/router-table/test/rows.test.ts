import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonRows } from '../src/rows/json-rows.js';
import type { Row, RowReader } from '../src/rows/row.js';
import { textRows } from '../src/rows/text-rows.js';
import { yamlRows } from '../src/rows/yaml-rows.js';

const told = (reader: RowReader, content: string | Uint8Array): string[] =>
  [...reader(typeof content === 'string' ? Buffer.from(content, 'utf8') : content)].filter((row) => row.kind !== 'nothing').map(tell);

const tell = (row: Row): string => (row.kind === 'row' ? `${row.line} ${row.key}=${row.value}` : row.kind === 'problem' ? `${row.line} ! ${row.message}` : ''); // prettier-ignore

/** Makes a YAML file too large to be parsed whole. */
const padding = `# ${'-'.repeat(1000)}\n`.repeat(70);

describe('a two-column text', () => {
  it('is a key, white space and a value, with comments and empty lines between', () => {
    const content = '# homes\n\nann@example.org mail-a\nexample.net\t \t10.0.0.1:1143  # the old one\r\n   # indented\n\t\n*   mail-b';
    expect(told(textRows, content)).toEqual(['3 ann@example.org=mail-a', '4 example.net=10.0.0.1:1143', '7 *=mail-b']);
  });

  it('may begin with a byte order mark and may hold any other letters', () => {
    expect(told(textRows, '\ufeffjörg@münchen.example mail-a\n"ann" mail-b\n')).toEqual([
      '1 jörg@münchen.example=mail-a',
      '2 "ann"=mail-b',
    ]);
  });

  it.each([
    ['ann', '1 ! not a key, white space and a value'],
    ['ann mail-a mail-b', '1 ! not a key, white space and a value'],
    ['ann mail-a#b c', '1 ! not a key, white space and a value'],
    ['ann #mail-a', '1 ! not a key, white space and a value'],
    [' ann mail-a', '1 ! begins with white space'],
    [`${'a'.repeat(5000)} mail-a`, '1 ! longer than 4096 bytes'],
  ])('is refused for %j', (content, problem) => {
    expect(told(textRows, content)).toEqual([problem]);
  });

  it('is refused for bytes that are not UTF-8, on their line', () => {
    expect(told(textRows, Buffer.from('ann mail-a\nj\xf6rg mail-b\nben mail-a\n', 'latin1'))).toEqual([
      '1 ann=mail-a',
      '2 ! not UTF-8',
      '3 ben=mail-a',
    ]);
  });

  it('is nothing when it is empty', () => {
    expect(told(textRows, '')).toEqual([]);
  });
});

describe('a JSON table', () => {
  it('is one object of texts, read with the line of each', () => {
    const content = '{\n  "ann@example.org": "mail-a",\n\n "__proto__":"mail-b", "x\\"\\u00e4\\\\": "mail-c"\n}\n';
    expect(told(jsonRows, content)).toEqual(['2 ann@example.org=mail-a', '4 __proto__=mail-b', '4 x"ä\\=mail-c']);
    expect(told(jsonRows, '{}')).toEqual([]);
    expect(told(jsonRows, '\ufeff { } \n')).toEqual([]);
  });

  it('keeps both of two equal keys, so that they can be told', () => {
    expect(told(jsonRows, '{"a":"x",\n"a":"y"}')).toEqual(['1 a=x', '2 a=y']);
  });

  it.each([
    ['', '1 ! not a JSON object'],
    ['["a"]', '1 ! not a JSON object'],
    ['{"a":"x"', '1 ! not a text, a colon'],
    ['{\n"a": 7}', '2 ! not a text, a colon'],
    ['{"a":\n {"b":"c"}}', '1 ! not a text, a colon'],
    ['{\n\n}\n {}', '4 ! something follows the object'],
    ['{"a\\x":"b"}', '1 ! an escape that JSON does not know'],
    ["{'a':'b'}", '1 ! not a text, a colon'],
  ])('is refused for %j', (content, problem) => {
    expect(told(jsonRows, content)).toEqual([expect.stringContaining(problem)]);
  });

  it('is refused for a comma after the last pair', () => {
    expect(told(jsonRows, '{"a":"x",\n}')).toEqual(['1 a=x', '2 ! not a text, a colon, a text, and a comma or }']);
  });

  it('is refused for bytes that are not UTF-8', () => {
    expect(told(jsonRows, Buffer.from('{"j\xf6rg":"mail-a"}', 'latin1'))).toEqual(['1 ! not UTF-8']);
  });

  it('reads what JSON.stringify writes, however it is laid out', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ minLength: 1 })),
        fc.constantFrom(0, 1, '\t'),
        (table, indent) => {
          const rows = [...jsonRows(Buffer.from(JSON.stringify(table, undefined, indent)))];
          const expected = Object.entries(JSON.parse(JSON.stringify(table)) as Record<string, string>);
          expect(rows.map((row) => (row.kind === 'row' ? [row.key, row.value] : row))).toEqual(expected);
        },
      ),
    );
  });
});

describe('a YAML table', () => {
  it('is a mapping of texts, read with the line of each', () => {
    const content = '# homes\nann@example.org: mail-a\n"*": \'10.0.0.1:143\'\n{a: b}: c\n';
    expect(told(yamlRows, content)).toEqual(['2 ann@example.org=mail-a', '3 *=10.0.0.1:143', '4 ! the key is not a text']);
    expect(told(yamlRows, '{ __proto__: mail-a, 007: mail-b, 1.0: mail-c }')).toEqual([
      '1 __proto__=mail-a',
      '1 007=mail-b',
      '1 1.0=mail-c',
    ]);
    expect(told(yamlRows, '# nothing yet\n')).toEqual([]);
  });

  it('keeps both of two equal keys, so that they can be told', () => {
    expect(told(yamlRows, 'a: x\na: y\n')).toEqual(['1 a=x', '2 a=y']);
  });

  it.each([
    ['- a', '1 ! not a mapping'],
    ['a: 7', '1 ! the value is not a text'],
    ['a: x\nb: true', '2 ! the value is not a text'],
    ['a:', '1 ! the value is not a text'],
    ['a: [b]', '1 ! the value is not a text'],
    ['a: &x y\nb: *x', '2 ! the value is not a text'],
  ])('is refused for %j', (content, problem) => {
    expect(told(yamlRows, content).filter((line) => line.includes('!'))).toEqual([expect.stringContaining(problem)]);
  });

  it('is refused with the line of what YAML does not know', () => {
    expect(told(yamlRows, 'a: x\n*: y\n')[0]).toMatch(/^2 ! /);
    expect(told(yamlRows, Buffer.from('j\xf6rg: mail-a', 'latin1'))).toEqual(['1 ! not UTF-8']);
  });

  it('over 64 KiB may hold one plain pair a line, comments and a first ---', () => {
    const content = `---\nann@example.org: mail-a # here\n"*": '10.0.0.1:143'\n\njörg@münchen.example : mail-b\n1234: mail-c\n${padding}`;
    expect(told(yamlRows, content)).toEqual([
      '2 ann@example.org=mail-a',
      '3 *=10.0.0.1:143',
      '5 jörg@münchen.example=mail-b',
      '6 1234=mail-c',
    ]);
  });

  it.each([
    'a: 7',
    'a: true',
    'a: 1.5e3',
    'a: [b]',
    'a:',
    '  a: b',
    '- a',
    'a: b: c',
    'a: b:',
    'a: "b\\n"',
    'a: x y',
    '? a',
    '&x a: b',
    'a:b',
  ])('over 64 KiB is refused for %j, with a hint', (line) => {
    expect(told(yamlRows, `${padding}${line}\n`)).toEqual([expect.stringMatching(/^71 ! .*two-column text/)]);
  });

  it('means the same, line by line, as when it is parsed whole', () => {
    const word = fc.stringMatching(/^[\w.@:"'# +=%/0-9e-]{1,8}$/);
    fc.assert(
      fc.property(word, word, fc.constantFrom(': ', ' : ', ':\t'), (key, value, colon) => {
        const line = `${key}${colon}${value}`;
        const [large] = told(yamlRows, `${line}\n${padding}`);
        const [small] = told(yamlRows, `${line}\n`);
        if (large?.includes(' ! ') === false) expect(large).toBe(small);
      }),
      { numRuns: 3000 },
    );
  });
});
