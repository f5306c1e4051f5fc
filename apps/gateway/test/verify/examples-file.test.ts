import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readExamples } from '../../src/cli/verify/examples-file.js';
import { ConfigFolder } from '../support/config-folder.js';

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder.remove());

const read = (text: string) => {
  folder.add('examples.yaml', text);
  return readExamples(`${folder.path}/examples.yaml`);
};

describe('a file of examples', () => {
  it('says whom to try, and of an account without attributes that it has none', () =>
    expect(
      read(
        'known: { user: ann, password: sesame }\nplaced: [{ user: ann }]\npassing: { user: ann, client: { ip: 192.0.2.7 } }\nskip: { lookup: none }',
      ),
    ).toEqual({
      known: { user: 'ann', password: 'sesame' },
      placed: [{ user: 'ann', attributes: {} }],
      passing: { user: 'ann', client: { ip: '192.0.2.7' } },
      skip: { lookup: 'none' },
    }));

  it.each([
    ['a mistyped key', 'knwon: { user: ann, password: sesame }', 'knwon'],
    ['a name for a login', 'known: sesame', 'known: '],
    ['a number for a password', 'known: { user: ann, password: 4711 }', 'known.password: '],
    ['a word for a list', 'many: sesame', 'many: '],
    ['a reason that is none', 'skip: { lookup: true }', 'skip.lookup: '],
  ])('is refused at its place for %s, and what it says is not repeated', (_what, text, place) => {
    expect(() => read(text)).toThrow(place);
    expect(() => read(text)).not.toThrow(/sesame|4711/);
  });
});
