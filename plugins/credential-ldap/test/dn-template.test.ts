import { describe, expect, it } from '@jest/globals';
import { Template } from '@postern/contract';
import fc from 'fast-check';
import ldapjs from 'ldapjs';
import { looksLikeDn, renderName } from '../src/dn-template.js';
import { namesOfUser } from '../src/names.js';

const rendered = (template: string, user: string): string => renderName(Template.parse(template), namesOfUser(user));

describe('a DN made of a login', () => {
  it.each([
    ['ann@example.org', 'uid=ann@example.org,ou=people'],
    ['a,ou=admins', 'uid=a\\2cou\\3dadmins,ou=people'],
    ['a+cn=b', 'uid=a\\2bcn\\3db,ou=people'],
    ['"a"', 'uid=\\22a\\22,ou=people'],
    ['a\\2c', 'uid=a\\5c2c,ou=people'],
    ['<a>;b', 'uid=\\3ca\\3e\\3bb,ou=people'],
    ['#04024869', 'uid=\\2304024869,ou=people'],
    [' a ', 'uid=\\20a\\20,ou=people'],
    ['a\0', 'uid=a\\00,ou=people'],
    ['é', 'uid=\\c3\\a9,ou=people'],
    ['\u{1f600}', 'uid=\\f0\\9f\\98\\80,ou=people'],
  ])('keeps %j in its place', (user, dn) => {
    expect(rendered('uid={user},ou=people', user)).toBe(dn);
  });

  it('is read back as the same name in the same place, whatever was typed', () => {
    const letters = fc.constantFrom(...Array.from(',+"\\<>;=#\0 \u00e9\u{1f600}aZ0@{}*()/|'));
    fc.assert(
      fc.property(fc.string({ unit: letters, minLength: 1 }), (user) => {
        const dn = ldapjs.parseDN(rendered('uid={user},ou=people,dc=example', user)) as unknown as {
          readonly length: number;
          rdnAt(index: number): { readonly size: number; getValue(name: string): string };
        };
        expect(dn.length).toBe(3);
        expect(dn.rdnAt(0).size).toBe(1);
        // ldapjs trims values; directories do not when white space is escaped.
        expect(dn.rdnAt(0).getValue('uid')).toBe(user.trim());
      }),
    );
  });

  it('is not made of a name that is not there', () => {
    expect(() => rendered('uid={local},dc={domain}', 'ann')).toThrow('{domain}');
    expect(() => rendered('uid={local},dc={domain}', '@example.org')).toThrow('{local}');
  });
});

describe('what looks like a DN', () => {
  it.each([
    'dc=org',
    'ou=people,dc=example,dc=org',
    'cn=A\\, B+uid=x,o=y',
    '2.5.4.3=x',
    'cn=#0402',
    'ou = people , dc = org',
    'cn=,dc=x',
    'cn=x\\\\,dc=y',
  ])('is %s', (text) => {
    expect(looksLikeDn(text)).toBe(true);
  });

  it.each(['people', 'ou=people,example', ',dc=org x', '=x', 'o u=x', 'a@b', '', 'dc=x,'])('is not %s', (text) => {
    expect(looksLikeDn(text)).toBe(false);
  });
});
