import { describe, expect, it } from '@jest/globals';
import { Networks } from '@postern/contract';
import { ask, attemptOf, denialOf } from './support/ask.js';

describe('decode: the client', () => {
  const ip = (address: string | undefined): string => {
    const decoded = ask({ 'Client-IP': address });
    return decoded.kind === 'attempt' ? decoded.attempt.client.ip : decoded.denial;
  };

  it('rule 21: one client has one address, however it is written', () => {
    expect(ip('192.0.2.1')).toBe('192.0.2.1');
    expect(ip('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(ip('::FFFF:c000:201')).toBe('192.0.2.1');
    expect(ip('2001:DB8:0:0:0:0:0:1')).toBe('2001:db8::1');
    expect(ip('2001:db8:0:0:1:0:0:1')).toBe('2001:db8::1:0:0:1');
    expect(ip('::1')).toBe('::1');
    expect(ip('unix:')).toBe('unix:');
  });

  it('rule 21: what is no address is a temporary denial', () => {
    for (const text of [
      undefined,
      '',
      'localhost',
      '1.2.3',
      '1.2.3.4:25',
      '[::1]',
      'fe80::1%eth0',
      '1.2.3.4\0',
      '01.2.3.4',
      '0x7f.1',
      'unix:x',
    ]) {
      expect([text, ip(text)]).toEqual([text, 'deferred']);
    }
  });

  it('rule 22: the address a balancer reports is used only for trusted balancers', () => {
    const trusted = new Networks(['10.0.0.0/8', '2001:db8::/32']);
    const client = (changes: Record<string, string>) => ask({ 'Proxy-Protocol-Addr': '2001:DB8:1::5', ...changes }, trusted);
    expect(attemptOf(client({ 'Client-IP': '10.1.2.3' })).client.ip).toBe('2001:db8:1::5');
    expect(attemptOf(client({ 'Client-IP': '::ffff:10.1.2.3' })).client.ip).toBe('2001:db8:1::5');
    expect(attemptOf(client({ 'Client-IP': '11.1.2.3' })).client.ip).toBe('11.1.2.3');
    expect(attemptOf(client({ 'Client-IP': '11.1.2.3', 'Proxy-Protocol-Addr': 'junk' })).client.ip).toBe('11.1.2.3');
    expect(attemptOf(ask({ 'Client-IP': '10.1.2.3' }, trusted)).client.ip).toBe('10.1.2.3');
    expect(denialOf(client({ 'Client-IP': '10.1.2.3', 'Proxy-Protocol-Addr': 'junk' }))).toBe('deferred');
  });

  it('rule 23: only a host name is taken for one', () => {
    const host = (text: string): string | undefined => attemptOf(ask({ 'Auth-Protocol': 'smtp', 'Client-Host': text })).client.host;
    expect(host('Mail.Example.ORG')).toBe('mail.example.org');
    expect(host('a')).toBe('a');
    for (const text of ['[UNAVAILABLE]', '[TEMPUNAVAIL]', '', 'a b', 'x%0d%0ay', 'a_b', '<x>', '-a', '.', 'é', 'a'.repeat(300)]) {
      expect([text, host(text)]).toEqual([text, undefined]);
    }
  });

  it('rule 25: TLS is on for the exact word on, and its details count only then', () => {
    for (const value of [undefined, '', 'ON', 'On', 'off', 'yes', '1', 'on on']) {
      expect(attemptOf(ask({ 'Auth-SSL': value, 'Auth-SSL-Protocol': 'TLSv1.3' })).tls).toBeUndefined();
    }
    const tls = { 'Auth-SSL': 'on', 'Auth-SSL-Protocol': 'TLSv1.3', 'Auth-SSL-Cipher': 'TLS_AES_256_GCM_SHA384' };
    expect(attemptOf(ask(tls)).tls).toEqual({ protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' });
    expect(attemptOf(ask({ ...tls, 'Auth-SSL-Cipher': 'a\0b' })).tls).toEqual({ protocol: 'TLSv1.3' });
  });
});
