import { describe, expect, it } from '@jest/globals';
import { asciiDomain } from '@postern/contract';

describe('a domain in ASCII form', () => {
  it('is the same for upper case, a trailing dot, U-labels and A-labels', () => {
    for (const written of [
      'münchen.example',
      'MÜNCHEN.example.',
      'xn--mnchen-3ya.example',
      'XN--MNCHEN-3YA.EXAMPLE',
      'mu\u0308nchen.example',
    ])
      expect(asciiDomain(written)).toBe('xn--mnchen-3ya.example');
  });

  it('is not read out of addresses, escapes and other things that a browser would take for a host', () => {
    const texts = [
      '',
      '.',
      'a..b',
      '::1',
      '１２７.0.0.1',
      '０x7f.1',
      'm\u00fc%41.example',
      '％41ü.example',
      'a b.example',
      'ü/x',
      '-a.example',
    ];
    for (const text of [...texts, 'a'.repeat(64), 'ü'.repeat(1 << 20), `${'a.'.repeat(127)}toolong`])
      expect(asciiDomain(text)).toBeUndefined();
  });

  it('may have underscores and one label', () => {
    expect(asciiDomain('_x.Example')).toBe('_x.example');
    expect(asciiDomain('localhost')).toBe('localhost');
    expect(asciiDomain('10.0.0.1')).toBe('10.0.0.1');
  });
});
