import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mapFilter, type Filter } from '../src/filter/filter.js';
import { parseFilter } from '../src/filter/parse.js';
import { namesOfUser } from '../src/names.js';

const filledIn = (text: string, user = 'ann@example.org'): Filter<string> =>
  mapFilter(parseFilter(text), (value) => value.render(namesOfUser(user)).toString('latin1'));

describe('a filter of the config', () => {
  it.each<[string, Filter<string>]>([
    ['(mail={user})', { kind: 'equal', attribute: 'mail', value: 'ann@example.org' }],
    ['mail={user}', { kind: 'equal', attribute: 'mail', value: 'ann@example.org' }],
    ['(cn=a\\2a\\28b\\29\\5c)', { kind: 'equal', attribute: 'cn', value: 'a*(b)\\' }],
    ['(cn=\\c3\\bc\\00)', { kind: 'equal', attribute: 'cn', value: '\u00c3\u00bc\0' }],
    ['(cn={{x}})', { kind: 'equal', attribute: 'cn', value: '{x}' }],
    ['(cn=)', { kind: 'equal', attribute: 'cn', value: '' }],
    ['(userCertificate;binary=\\ff)', { kind: 'equal', attribute: 'userCertificate;binary', value: '\u00ff' }],
    ['(2.5.4.3=a=b)', { kind: 'equal', attribute: '2.5.4.3', value: 'a=b' }],
    ['(mail=*)', { kind: 'present', attribute: 'mail' }],
    ['(cn=a*b*c)', { kind: 'substring', attribute: 'cn', initial: 'a', any: ['b'], final: 'c' }],
    ['(cn=*b*)', { kind: 'substring', attribute: 'cn', any: ['b'] }],
    ['(mail={local}@*)', { kind: 'substring', attribute: 'mail', initial: 'ann@', any: [] }],
    ['(uidNumber>=1000)', { kind: 'at-least', attribute: 'uidNumber', value: '1000' }],
    ['(uidNumber<=2000)', { kind: 'at-most', attribute: 'uidNumber', value: '2000' }],
    ['(cn~=ann)', { kind: 'approximate', attribute: 'cn', value: 'ann' }],
    [
      '(userAccountControl:1.2.840.113556.1.4.803:=2)',
      { kind: 'extensible', attribute: 'userAccountControl', rule: '1.2.840.113556.1.4.803', wholeDn: false, value: '2' },
    ],
    ['(ou:dn:=people)', { kind: 'extensible', attribute: 'ou', wholeDn: true, value: 'people' }],
    ['(:dn:2.5.13.5:=x)', { kind: 'extensible', rule: '2.5.13.5', wholeDn: true, value: 'x' }],
    [
      ' (& (objectClass=person) (| (uid={local}) (mail={user}) ) (!(cn=x)) ) ',
      {
        kind: 'and',
        filters: [
          { kind: 'equal', attribute: 'objectClass', value: 'person' },
          {
            kind: 'or',
            filters: [
              { kind: 'equal', attribute: 'uid', value: 'ann' },
              { kind: 'equal', attribute: 'mail', value: 'ann@example.org' },
            ],
          },
          { kind: 'not', filter: { kind: 'equal', attribute: 'cn', value: 'x' } },
        ],
      },
    ],
  ])('reads %s', (text, tree) => {
    expect(filledIn(text)).toEqual(tree);
  });

  it.each([
    '',
    '()',
    '(',
    ')',
    '(mail={user}',
    '(mail={user}))',
    '(mail={user})(uid=x)',
    '(&)',
    '(|)',
    '(!)',
    '(=x)',
    '(ma il=x)',
    '(mail={nobody})',
    '(mail={user)',
    '(cn=a\\zz)',
    '(cn=a\\)',
    '(cn=a(b)',
    '(cn=**)',
    '(cn>=)',
    '(cn=\\ff*)',
    '(:=x)',
    '(cn:a b:=x)',
    '('.repeat(1000),
    `${'(!'.repeat(200)}(cn=x)${')'.repeat(200)}`,
  ])('refuses %s', (text) => {
    expect(() => parseFilter(text)).toThrow();
  });

  it('keeps its shape whatever is typed: values are values', () => {
    const template = parseFilter('(&(objectClass=person)(|(uid={local})(mail={user}))(mail={local}*))');
    const shape = (filter: Filter<unknown>): unknown => mapFilter(filter, () => null);
    const meta = fc.string({ unit: fc.constantFrom(...Array.from('*()\\&|!=<>~:{}\0"\'a@\u00e9')), minLength: 1 });
    fc.assert(
      fc.property(meta, (local) => {
        const user = `${local}@example.org`;
        const bound = mapFilter(template, (value) => value.render(namesOfUser(user)));
        expect(shape(bound)).toEqual(shape(template));
        expect(JSON.stringify(bound)).toContain(JSON.stringify(Buffer.from(user)));
      }),
    );
  });

  it('is not filled in with a name that is not there', () => {
    expect(() => filledIn('(mail={local}*)', '@example.org')).toThrow('{local}');
    expect(() => filledIn('(&(uid={local})(o={domain}))', 'ann')).toThrow('{domain}');
    expect(() => filledIn('(host={clientIp})')).toThrow('{clientIp}');
  });
});
