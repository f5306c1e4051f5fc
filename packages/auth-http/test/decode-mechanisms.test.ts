import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { percentEscape } from '../src/index.js';
import { ask, attemptOf, denialOf, proofOf } from './support/ask.js';

const digest = {
  'Auth-Method': 'cram-md5',
  'Auth-Salt': '<1531043647.1795327797@mail.example.com>',
  'Auth-Pass': '1ef4bd3fbc073496163d5c3d02eec8da',
};

describe('decode: digests', () => {
  it('rule 29: apop is read for POP3 and nowhere else', () => {
    const apop = { ...digest, 'Auth-Method': 'apop' };
    expect(proofOf(ask({ ...apop, 'Auth-Protocol': 'pop3' }), 'apop').salt).toBe(digest['Auth-Salt']);
    for (const protocol of ['imap', 'smtp']) expect(denialOf(ask({ ...apop, 'Auth-Protocol': protocol }))).toBe('deferred');
  });

  it('rule 30: a digest is 32 hexadecimal digits in any case, all else is told like a wrong password', () => {
    const upper = digest['Auth-Pass'].toUpperCase();
    expect(proofOf(ask({ ...digest, 'Auth-Pass': upper }), 'cram-md5').digest).toBe(digest['Auth-Pass']);
    for (const pass of [
      '',
      'x',
      'g'.repeat(32),
      'a'.repeat(31),
      'a'.repeat(33),
      ` ${'a'.repeat(31)}`,
      '%61'.repeat(33),
      `${'a'.repeat(31)}%0A`,
    ]) {
      expect([pass, denialOf(ask({ ...digest, 'Auth-Pass': pass }))]).toEqual([pass, 'rejected']);
    }
  });

  it('rule 31: a digest without its salt is told like a wrong password', () => {
    expect(denialOf(ask({ ...digest, 'Auth-Salt': undefined }))).toBe('rejected');
    expect(denialOf(ask({ ...digest, 'Auth-Salt': '' }))).toBe('rejected');
  });

  it('rule 38: a salt with another method is ignored', () => {
    expect(ask({ 'Auth-Salt': '<1@x>' })).toEqual(ask());
    expect(denialOf(ask({ 'Auth-Method': 'external', 'Auth-Salt': '<1@x>' }))).toBe('rejected');
    expect(proofOf(ask({ 'Auth-Method': 'xoauth2', 'Auth-Salt': '<1@x>', 'Auth-Pass': 'token' }), 'xoauth2')).not.toHaveProperty('salt');
  });
});

describe('decode: client certificates', () => {
  const pem = readFileSync(new URL('./fixtures/one-email.pem', import.meta.url), 'utf8');
  const verified = {
    'Auth-Method': 'external',
    'Auth-Pass': '',
    'Auth-SSL': 'on',
    'Auth-SSL-Verify': 'SUCCESS',
    'Auth-SSL-Subject': 'emailAddress=u@example.com,CN=t\\C3\\A9st user,O=Ex\\, \\"am\\" Org,C=DE',
    'Auth-SSL-Issuer': 'CN=CA',
    'Auth-SSL-Serial': 'C072FEDA2E1FBE768C335468F493EDD5E683CE',
    'Auth-SSL-Fingerprint': '1e91a387788f7e9e200192c7b70af1cd40125970',
  };

  it('rule 33: external holds only with TLS on and the certificate verified', () => {
    expect(proofOf(ask(verified), 'external').certificate.serial).toBe(verified['Auth-SSL-Serial']);
    for (const verify of [undefined, '', 'NONE', 'FAILED:self-signed certificate', 'success', 'SUCCESS ', 'SUCCESS:', 'FAILED:SUCCESS']) {
      expect([verify, denialOf(ask({ ...verified, 'Auth-SSL-Verify': verify }))]).toEqual([verify, 'rejected']);
    }
    for (const ssl of [undefined, '', 'off', 'ON']) expect(denialOf(ask({ ...verified, 'Auth-SSL': ssl }))).toBe('rejected');
    for (const part of ['Auth-SSL-Subject', 'Auth-SSL-Fingerprint'])
      expect(denialOf(ask({ ...verified, [part]: undefined }))).toBe('rejected');
  });

  it('rule 34: external ignores the password, and keeps the login only as what was asked for', () => {
    const stale = ask({ ...verified, 'Auth-Pass': 'stale-password%', 'Auth-User': 'admin' });
    expect(attemptOf(stale).rawUser).toBe('admin');
    expect(JSON.stringify(stale)).not.toContain('stale-password');
    expect(attemptOf(ask({ ...verified, 'Auth-User': '' })).rawUser).toBe('');
    expect(attemptOf(ask({ ...verified, 'Auth-User': undefined })).rawUser).toBe('');
    expect(denialOf(ask({ ...verified, 'Auth-User': 'a%0Db' }))).toBe('rejected');
  });

  it('rule 27: the PEM is unescaped, and must be of the certificate that nginx verified', () => {
    const sent = { ...verified, 'Auth-SSL-Cert': percentEscape(pem) };
    expect(sent['Auth-SSL-Cert']).toContain('BEGIN%20CERTIFICATE-----%0A');
    expect(proofOf(ask(sent), 'external').certificate.pem).toBe(pem);
    expect(proofOf(ask({ ...sent, 'Auth-SSL-Cert': '' }), 'external').certificate).not.toHaveProperty('pem');
    const other = percentEscape(readFileSync(new URL('./fixtures/two-emails.pem', import.meta.url), 'utf8'));
    for (const cert of [other, 'junk', '%', sent['Auth-SSL-Cert'].slice(0, 400)]) {
      expect(denialOf(ask({ ...sent, 'Auth-SSL-Cert': cert }))).toBe('deferred');
    }
  });
});

describe('decode: SMTP without a login', () => {
  const none = {
    'Auth-Method': 'none',
    'Auth-Protocol': 'smtp',
    'Auth-User': '',
    'Auth-Pass': '',
    'Auth-SMTP-Helo': '',
    'Auth-SMTP-From': 'MAIL FROM:<>',
    'Auth-SMTP-To': 'RCPT TO:<x@y>',
  };

  it('rule 35: none is read for SMTP only, and ignores login and password', () => {
    expect(attemptOf(ask(none))).toMatchObject({ rawUser: 'x@y', proof: { mechanism: 'none', from: '', to: 'x@y', helo: '' } });
    expect(ask({ ...none, 'Auth-User': 'stale%', 'Auth-Pass': 'stale%' })).toEqual(ask(none));
    for (const protocol of ['imap', 'pop3']) expect(denialOf(ask({ ...none, 'Auth-Protocol': protocol }))).toBe('deferred');
  });

  it('rule 07, rule 24: junk, control bytes and bytes that are not UTF-8 are denied as a bad address', () => {
    for (const junk of [
      '',
      'RCPT',
      'RCPT TO:',
      'RCPT TO:<>',
      'RCPT TO:<a\0@b>',
      'RCPT TO:<a\x01@b>',
      'RCPT TO:<a\x7f@b>',
      'RCPT TO:<\xe9@b>',
    ]) {
      const decoded = ask({ ...none, 'Auth-SMTP-To': junk });
      expect(decoded).toMatchObject({ denial: 'bad-address', asked: { protocol: 'smtp', mechanism: 'none', ordinal: 1 } });
    }
    for (const junk of ['', 'MAIL foo', 'MAIL FROM:\0', 'RCPT TO:<a@b>']) {
      expect(denialOf(ask({ ...none, 'Auth-SMTP-From': junk }))).toBe('bad-address');
    }
    for (let byte = 0; byte < 32; byte += 1) {
      expect(denialOf(ask({ ...none, 'Auth-SMTP-Helo': `a${String.fromCharCode(byte)}b` }))).toBe('bad-address');
    }
  });

  it('needs both commands of the envelope', () => {
    expect(denialOf(ask({ ...none, 'Auth-SMTP-From': undefined }))).toBe('deferred');
    expect(denialOf(ask({ ...none, 'Auth-SMTP-To': undefined }))).toBe('deferred');
    expect(attemptOf(ask({ ...none, 'Auth-SMTP-Helo': undefined })).rawUser).toBe('x@y');
  });
});

describe('decode: tokens', () => {
  it('rule 37: xoauth2 and oauthbearer bring their token unescaped', () => {
    for (const mechanism of ['xoauth2', 'oauthbearer'] as const) {
      expect(proofOf(ask({ 'Auth-Method': mechanism, 'Auth-Pass': 'ya29.a0%25Aa-_~+/=' }), mechanism).token).toBe('ya29.a0%Aa-_~+/=');
      for (const token of ['', 'a%20b', 'a%0Ab', 'a%00', '\xe9']) {
        expect(denialOf(ask({ 'Auth-Method': mechanism, 'Auth-Pass': token }))).toBe('rejected');
      }
    }
  });
});
