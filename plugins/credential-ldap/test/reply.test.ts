import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NoLdap } from '../src/ldapjs/nodes.js';
import { replyFrom } from '../src/ldapjs/reply.js';
import { integer, node, text } from './ber.js';
import { bound, done, extended, found, policyError, reference } from './scripted-directory.js';

const idOf = fc.integer({ min: 0, max: 2 ** 31 - 1 });

describe('a reply', () => {
  it('is read for what it is', () => {
    fc.assert(
      fc.property(idOf, fc.integer({ min: 0, max: 4096 }), fc.string(), (id, code, words) => {
        expect(replyFrom(bound(id, code, words))).toEqual({ kind: 'bound', id, code, message: words });
        expect(replyFrom(done(id, code, words))).toEqual({ kind: 'done', id, code, message: words });
        expect(replyFrom(reference(id, 'ldap://elsewhere'))).toEqual({ kind: 'reference', id });
        expect(replyFrom(extended(id))).toEqual({ kind: 'other', id });
      }),
    );
  });

  it('brings the values of an entry byte for byte, names in any case', () => {
    const bytes = fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each));
    const names = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,20}$/);
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(names, fc.array(bytes)), { selector: ([name]) => name.toLowerCase() }), (values) => {
        const reply = replyFrom(found(7, 'cn=x', Object.fromEntries(values)));
        if (reply.kind !== 'entry') throw new Error(reply.kind);
        for (const [name, each] of values) expect(reply.entry.values(name.toUpperCase())).toEqual(each);
      }),
    );
  });

  it.each(['cn=a\\+1,dc=x', 'cn=\\ a b\\ ,dc=x', 'cn=\\#0402,dc=x', 'cn=Ünï+uid=x,dc=x', 'CN=Doe\\, Ann,DC=x'])(
    'leaves the DN %s as the directory wrote it',
    (dn) => {
      expect(replyFrom(found(1, dn))).toMatchObject({ entry: { dn } });
    },
  );

  it.each([[''], ['=,=\\'], ['ann'], [Buffer.from([0x63, 0x6e, 0x3d, 0xff])]])('gives no DN for what is none: %j', (dn) => {
    expect(replyFrom(found(1, dn))).toMatchObject({ entry: { dn: undefined } });
  });

  it('finds the error of the password policy among other controls, with a warning before it or not', () => {
    const warned = node(0x30, node(0xa0, integer(5, 0x80)), integer(1, 0x81));
    const other = node(0x30, text('1.2.3'), node(0x01, Buffer.from([0xff])), text('x'));
    expect(replyFrom(bound(1, 49, '', other, policyError(1)))).toMatchObject({ code: 49, policyError: 1 });
    expect(replyFrom(bound(1, 49, '', node(0x30, text('1.3.6.1.4.1.42.2.27.8.5.1'), text(warned))))).toMatchObject({ policyError: 1 });
    expect(replyFrom(bound(1, 49, '', other))).not.toHaveProperty('policyError');
  });

  it('is refused when it is anything else, and never more than refused', () => {
    const whole = [bound(1, 49, 'no', policyError(1)), found(2, 'cn=x', { mail: ['a', 'b'] }), done(3)];
    fc.assert(
      fc.property(fc.constantFrom(...whole), fc.nat(), fc.integer({ min: 0, max: 255 }), (message, at, byte) => {
        const broken = Buffer.from(message);
        broken[at % broken.length] = byte;
        try {
          replyFrom(broken);
        } catch (error) {
          expect(error).toBeInstanceOf(NoLdap);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['no number', node(0x30, text('x'))],
    ['a number of five bytes', node(0x30, node(0x02, Buffer.alloc(5, 1)), node(0x65))],
    ['a number of none', node(0x30, node(0x02), node(0x65))],
    ['no result code', node(0x30, integer(1), node(0x61))],
    ['a policy control without a value', bound(1, 0, '', node(0x30, text('1.3.6.1.4.1.42.2.27.8.5.1')))],
  ])('is refused with %s', (_, message) => {
    expect(() => replyFrom(message)).toThrow(NoLdap);
  });
});
