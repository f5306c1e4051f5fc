import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkDigest } from '../src/index.js';
import { hmacMd5FromStates, hmacMd5States } from '../src/hmac-md5.js';
import { permissive, strict } from './vectors.js';

const salt = '<1896.697170952@postoffice.reston.mci.net>';
const password = 'Tr0ub4dor&3';
const states = '{CRAM-MD5}c0a49b541c47c13e0fed75e90df0510e8e19d265316dbafce5048e1f92c94232';
const cram = createHmac('md5', password).update(salt).digest('hex');
const apop = createHash('md5').update(salt).update(password).digest('hex');

describe('challenges answered from what is stored', () => {
  it('rule 31: PLAIN answers APOP and CRAM-MD5, the states of CRAM-MD5 answer CRAM-MD5, nothing else answers', () => {
    const check = (mechanism: 'apop' | 'cram-md5', digest: string, stored: string): string =>
      checkDigest(mechanism, salt, digest, stored, permissive);
    expect(check('apop', apop, `{PLAIN}${password}`)).toBe('match');
    expect(check('cram-md5', cram, `{PLAIN}${password}`)).toBe('match');
    expect(check('cram-md5', cram, states)).toBe('match');
    expect(check('cram-md5', cram.toUpperCase(), states.replace('CRAM-MD5', 'HMAC-MD5'))).toBe('match');
    expect(check('apop', apop, states)).toBe('mismatch');
    expect(check('apop', cram, states)).toBe('mismatch');
    for (const stored of ['{SHA}h0Vy56WuaklGamrFeLmK26eMaqY=', '{PLAIN}', '{CRAM-MD5}abcd', '{FOO}x', '', '!']) {
      expect(check('apop', apop, stored)).toBe('mismatch');
      expect(check('cram-md5', cram, stored)).toBe('mismatch');
    }
  });

  it('rule 31: the states themselves are no digest, nor is the answer to another challenge', () => {
    for (const digest of [states.slice(10, 42), states.slice(42), states.slice(10), '', 'z'.repeat(32), apop]) {
      expect(checkDigest('cram-md5', salt, digest, states, permissive)).toBe('mismatch');
    }
    expect(checkDigest('cram-md5', '<other@example.org>', cram, states, permissive)).toBe('mismatch');
    expect(checkDigest('cram-md5', '', createHmac('md5', password).update('').digest('hex'), states, permissive)).toBe('mismatch');
    expect(checkDigest('apop', '', createHash('md5').update(password).digest('hex'), `{PLAIN}${password}`, permissive)).toBe('mismatch');
  });

  it('a scheme that is not allowed answers no challenge, and neither does a user that is not there', () => {
    expect(checkDigest('cram-md5', salt, cram, states, strict)).toBe('mismatch');
    expect(checkDigest('cram-md5', salt, cram, `{PLAIN}${password}`, strict)).toBe('mismatch');
    const nobody = createHmac('md5', 'a password that nobody has').update(salt).digest('hex');
    expect(checkDigest('cram-md5', salt, nobody, undefined, permissive)).toBe('mismatch');
    expect(checkDigest('cram-md5', salt, nobody, '{FOO}x', permissive)).toBe('mismatch');
  });

  it('our MD5 is the one of everybody else, for keys and challenges of any length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 200 }), (key, message) => {
        const expected = createHmac('md5', key).update(message).digest();
        expect(hmacMd5FromStates(hmacMd5States(key), message).equals(expected)).toBe(true);
      }),
    );
  });
});
