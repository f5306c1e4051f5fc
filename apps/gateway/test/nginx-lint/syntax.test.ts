import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lintNginx } from '../../src/cli/nginx-lint/lint-nginx.js';
import { readNginxConfig } from '../../src/cli/nginx-lint/nginx-files.js';
import { NginxSyntaxError, sentences } from '../../src/cli/nginx-lint/nginx-syntax.js';
import { timeOf } from '../../src/cli/nginx-lint/nginx-time.js';
import { facts } from './lint-fixtures.js';

describe('the syntax of nginx', () => {
  const read = (text: string): readonly unknown[] => [...sentences(text)].map(({ words, end, line }) => [words, end, line]);

  it('knows comments, quotation marks, escapes, variables and line numbers', () => {
    expect(read('a b; # no; }\nc "d;{ #" \'e"\';\n\nf {\n}')).toEqual([
      [['a', 'b'], ';', 1],
      [['c', 'd;{ #', 'e"'], ';', 2],
      [['f'], '{', 4],
      [[], '}', 5],
    ]);
    expect(read('a ${b}c$d#e x"y"z }f;'.replace(' }f', ''))).toEqual([[['a', '${b}c$d#e', 'x"y"z'], ';', 1]]);
    expect(read('a "x\\"y\\\\z\\d\\t" b\\ c "two\nlines" d;\ne;')).toEqual([
      [['a', 'x"y\\z\\d\t', 'b\\ c', 'two\nlines', 'd'], ';', 1],
      [['e'], ';', 3],
    ]);
    expect(read('a\r\nb\t"";')).toEqual([[['a', 'b', ''], ';', 1]]);
  });

  it.each<[string, string, number]>([
    ['a directive that never ends', 'a b;\nc d', 2],
    ['a quotation mark that is never closed', 'a\nb "c;\n', 2],
    ['text behind a quotation mark', 'a "b"c;', 1],
    ['a lone ;', 'a;\n;', 2],
    ['a lone {', '{', 1],
    ['a } within a directive', 'a }', 1],
  ])('refuses %s, with the line', (_name, text, line) => {
    expect(() => read(text)).toThrow(NginxSyntaxError);
    expect(() => read(text)).toThrow(expect.objectContaining({ line }));
  });

  it('gives words back that were quoted, whatever they are', () => {
    const word = fc.string({ unit: fc.constantFrom('a', ' ', '"', "'", '\\', ';', '{', '}', '#', '$', '\n', 'é') });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        const text = `x ${words.map((each) => `"${each.replace(/["\\]/g, '\\$&')}"`).join(' ')};`;
        expect(read(text)).toEqual([[['x', ...words], ';', 1]]);
      }),
    );
  });

  it('never fails otherwise than by saying what is wrong, and quotes nothing', () => {
    const soup = fc.string({
      unit: fc.constantFrom('mail ', 'server ', '{', '}', ';', '"', "'", '\\', '#', '\n', '$', 'auth_http ', 'canary', ' ', '\u0001', '🙂'),
    });
    fc.assert(
      fc.property(soup, (text) => {
        try {
          lintNginx('f', readNginxConfig('f', text), facts);
        } catch (error) {
          expect((error as Error).name).toBe('NginxFileError');
          expect((error as Error).message).not.toContain('canary');
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('says soon that a long row of digits is no time', () => {
    expect(timeOf(`${'1'.repeat(60)}x`)).toBeUndefined();
  });

  it('knows times', () => {
    expect(['7s', '60', '1m30s', '500ms', '1h', '', 'x', '-1'].map(timeOf)).toEqual([
      7000,
      60_000,
      90_000,
      500,
      3_600_000,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
