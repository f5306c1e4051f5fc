import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readRecipient, readSender } from '../src/index.js';

describe('the SMTP envelope', () => {
  it('rule 24: reads commands in any case, with spaces, parameters, and without brackets', () => {
    const recipients: Readonly<Record<string, string>> = {
      'RCPT TO:<a@b>': 'a@b',
      'rcpt to:<a@b>': 'a@b',
      'Rcpt  To:   <a@b>': 'a@b',
      'RCPT TO:a@b': 'a@b',
      'RCPT TO:a@b NOTIFY=NEVER': 'a@b',
      'RCPT TO:<a@b> ORCPT=rfc822;x@y NOTIFY=SUCCESS,FAILURE': 'a@b',
      'RCPT TO:<a@b>  X': 'a@b',
      'RCPT TO:<postmaster>': 'postmaster',
      'RCPT TO:<a@[192.0.2.1]>': 'a@[192.0.2.1]',
      'RCPT TO:<a@[IPv6:2001:db8::1]>': 'a@[IPv6:2001:db8::1]',
      'RCPT TO:<ü%41@exämple.org>': 'ü%41@exämple.org',
      'RCPT TO:<"a b"@c>': '"a b"@c',
      'RCPT TO:<"a>b"@c>': '"a>b"@c',
      'RCPT TO:<"bob"@c>': 'bob@c',
      'RCPT TO:<"b\\ob"@c>': 'bob@c',
      'RCPT TO:<"a@b"@c>': '"a@b"@c',
      'RCPT TO:<"a\\"b"@c>': '"a\\"b"@c',
      'RCPT TO:<__proto__@c>': '__proto__@c',
    };
    for (const [line, address] of Object.entries(recipients)) expect([line, readRecipient(line)]).toEqual([line, address]);
    expect(readSender('MAIL FROM:<>')).toBe('');
    expect(readSender('mail from:<> SIZE=1 BODY=8BITMIME AUTH=<>')).toBe('');
    expect(readSender('MAIL FROM:<a@b> SIZE=100 SMTPUTF8')).toBe('a@b');
  });

  it('rule 24: reads junk as junk', () => {
    const junk = [
      '',
      'RCPT',
      'RCPT TO',
      'RCPT TO:',
      'RCPT TO: ',
      'RCPT TO:<>',
      'RCPT TO:<a@b',
      'RCPT TO:a@b>',
      'RCPT TO:<a b@c>',
      'RCPT TO:<a@b@c>',
      'RCPT TO:<@c>',
      'RCPT TO:<a@>',
      'RCPT TO:<a@b c>',
      'RCPT TO:<""@c>',
      'RCPT TO:<"a@c>',
      'RCPT TO:<a"b"@c>',
      'RCPT TO:<a,b@c>',
      'RCPT TO :<a@b>',
      'RCPT\tTO:<a@b>',
      'MAIL FROM:<a@b>',
      'DATA',
      `RCPT TO:<${'a'.repeat(600)}@b>`,
      'RCPT TO:<a\0@b>',
      'RCPT TO:<a@b>\x01',
    ];
    for (const line of junk) expect([line, readRecipient(line)]).toEqual([line, undefined]);
    expect(readSender('MAIL foo')).toBeUndefined();
  });

  it('takes nothing that a mail server could read as another recipient', () => {
    const two = [
      'RCPT TO:<a@b><c@d>',
      'RCPT TO:<a@b>,<c@d>',
      'RCPT TO:<a@b> <c@d>',
      'RCPT TO:a@b <c@d>',
      'RCPT TO:a@b,c@d',
      'RCPT TO:<<c@d>>',
    ];
    const routes = ['RCPT TO:<@b:c@d>', 'RCPT TO:<@b,@x:c@d>', 'RCPT TO:<a@b>c@d'];
    for (const line of [...two, ...routes]) expect([line, readRecipient(line)]).toEqual([line, undefined]);
  });

  it('ends quickly for hostile lines', () => {
    for (const one of ['"', '"\\', '<', '<"', 'a ', '\\"', '@', 'a@', '""']) {
      expect(readRecipient(`RCPT TO:<${one.repeat(50_000)}`)).toBeUndefined();
      expect(readRecipient(`RCPT TO:${one.repeat(50_000)}>`)).toBeUndefined();
    }
  });

  it('gives an address without controls and angle brackets outside quotes, or nothing', () => {
    const piece = fc.constantFrom('<', '>', '@', '"', '\\', 'a', 'ü', ' ', '.', ',', ':', '\0', '[', ']', 'x=y', 'RCPT TO:');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const address = readRecipient(`RCPT TO:<${pieces.join('')}>`);
        expect(address === undefined || /^(?:"(?:[^"\\\0]|\\.)+"|[^<>"\s\0@]+)(?:@[^<>"\s\0@]+)?$/u.test(address)).toBe(true);
      }),
      { seed: 24, numRuns: 3_000 },
    );
  });
});
