import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { hashSchemes, isWeakScheme, knownSchemes } from '../src/index.js';

const page = readFileSync(new URL('../../../docs/passwords.md', import.meta.url), 'utf8');
const [strong = '', weak = ''] = page.slice(page.indexOf('## Schemes')).split('**Weak**');

describe('docs/passwords.md', () => {
  it('names every scheme in the table where it belongs', () => {
    const missing = knownSchemes.filter((name) => {
      const table = isWeakScheme(name) === true ? (weak.split('Not supported')[0] ?? '') : strong;
      return !table.includes(`\`${name}\``) && !table.includes(`\`{${name}}\``);
    });
    expect(missing).toEqual([]);
  });

  it('names every scheme that new hashes can be made with', () => {
    const table = page.slice(page.indexOf('## New hashes'));
    for (const name of hashSchemes) expect(table).toContain(`| \`${name}\``);
  });
});
