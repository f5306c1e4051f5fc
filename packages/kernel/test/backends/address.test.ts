import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { usableAddress } from '../../src/backends/address.js';

describe('an address for nginx', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['127.0.0.1', '127.0.0.1'],
    ['2001:DB8:0::1', '2001:db8::1'],
    ['::1', '::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
  ])('rule 46: is %j, written as %j', (text, address) => expect(usableAddress(text)).toBe(address));

  it.each([
    ...['0.0.0.0', '0.1.2.3', '255.255.255.255', '224.0.0.1', '239.255.255.255', '::', 'ff02::1', '::ffff:0.0.0.0', '::ffff:224.0.0.1'],
    ...[
      'localhost',
      'mail.example.org',
      '[::1]',
      '127.0.0.1:143',
      '127.1',
      '0x7f.1',
      '2130706433',
      '010.0.0.1',
      'unix:/run/x',
      'fe80::1%eth0',
      '',
    ],
    ...['192.0.2.1 ', '192.0.2.1\r\nAuth-User: root', '192.0.2.1\0', '１92.0.2.1'],
  ])('rule 46: is not %j', (text) => expect(usableAddress(text)).toBeUndefined());

  it('rule 46: is plain whatever comes in, and stays as it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string(), fc.domain()), (text) => {
        const address = usableAddress(text);
        if (address === undefined) return;
        expect(address).toMatch(/^[0-9a-f.:]+$/);
        expect(usableAddress(address)).toBe(address);
      }),
    );
  });
});
