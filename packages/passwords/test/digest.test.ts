import { describe, expect, it } from '@jest/globals';
import { verifyDigest } from '../src/index.js';

const secret = 'p@ss wörd';
const salt = '<1531043647.1795327797@mail.example.com>';

describe('APOP and CRAM-MD5', () => {
  it('rule 30: the vectors hold, with digits in either case', () => {
    expect(verifyDigest('apop', salt, '91fea385eafe0dd281abd37dacd06340', secret)).toBe(true);
    expect(verifyDigest('apop', salt, '91FEA385EAFE0DD281ABD37DACD06340', secret)).toBe(true);
    expect(verifyDigest('cram-md5', salt, '1ef4bd3fbc073496163d5c3d02eec8da', secret)).toBe(true);
    expect(verifyDigest('cram-md5', salt, 'e1f707b95d0105f3faac3800e5dd496d', 'k'.repeat(65))).toBe(true);
    expect(verifyDigest('apop', '<1896.697170952@dbc.mtview.ca.us>', 'c4c9334bac560ecc979e58001b3e22fb', 'tanstaaf')).toBe(true);
    expect(
      verifyDigest('cram-md5', '<1896.697170952@postoffice.reston.mci.net>', 'b913a602c7eda7a495b4e6e7334d3890', 'tanstaaftanstaaf'),
    ).toBe(true);
  });

  it('rule 30: what is no digest at all is a plain failure', () => {
    for (const digest of [
      '',
      'z'.repeat(32),
      '91fea385eafe0dd281abd37dacd0634',
      '91fea385eafe0dd281abd37dacd063400',
      '91fea385eafe0dd281abd37dacd06341',
    ]) {
      expect(verifyDigest('apop', salt, digest, secret)).toBe(false);
      expect(verifyDigest('cram-md5', salt, digest, secret)).toBe(false);
    }
    expect(verifyDigest('apop', salt, '1ef4bd3fbc073496163d5c3d02eec8da', secret)).toBe(false);
    expect(verifyDigest('apop', '<other@mail.example.com>', '91fea385eafe0dd281abd37dacd06340', secret)).toBe(false);
  });
});
