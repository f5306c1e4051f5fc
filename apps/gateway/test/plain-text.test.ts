import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { plainText, withoutUrlPasswords } from '../src/logging/plain-text.js';

describe('plain text', () => {
  it('leaves ordinary names alone, in any script', () => {
    for (const name of ['bob@example.org', 'jürgen', '田中@例え.jp', 'o’neil', '👩‍💻'.replaceAll('\u200d', '')])
      expect(plainText(name)).toBe(name);
  });

  it('escapes what forges lines, moves cursors or turns the reading direction', () => {
    expect(plainText('a\r\nb')).toBe('a\\u{d}\\u{a}b');
    expect(plainText('\u001b[2J')).toBe('\\u{1b}[2J');
    expect(plainText('\u009b2J\u007f')).toBe('\\u{9b}2J\\u{7f}');
    expect(plainText('gro.elpmaxe\u202e@bob\u2028\u200b')).toBe('gro.elpmaxe\\u{202e}@bob\\u{2028}\\u{200b}');
    expect(plainText('\ud800x')).toBe('\\u{d800}x');
  });

  it('never lets a control character through, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(plainText(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
      }),
    );
  });

  it('caps the length', () => {
    expect(plainText('x'.repeat(200), 128)).toBe(`${'x'.repeat(128)}…`);
  });

  it('takes passwords out of URLs and leaves other URLs alone', () => {
    expect(withoutUrlPasswords('cannot reach postgres://app:s3cr3t@db/users')).toBe('cannot reach postgres://app:[redacted]@db/users');
    expect(withoutUrlPasswords('see https://example.org:8080/a@b')).toBe('see https://example.org:8080/a@b');
  });
});
