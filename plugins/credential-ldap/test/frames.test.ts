import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Frames } from '../src/ldapjs/frames.js';
import { integer, node, text } from './ber.js';
import { bound, done, found } from './scripted-directory.js';

const messages = [bound(1), found(2, 'cn=x', { mail: ['a'.repeat(300), ''] }), done(2, 32, 'x'), bound(70_000, 49, 'no')];

describe('messages', () => {
  it('come out whole, however they are cut', () => {
    const all = Buffer.concat(messages);
    fc.assert(
      fc.property(fc.array(fc.nat(all.length)), (cuts) => {
        const frames = new Frames();
        const got: Buffer[] = [];
        const bounds = [0, ...[...cuts].sort((one, other) => one - other), all.length];
        for (const [index, end] of bounds.entries()) if (index > 0) got.push(...frames.push(all.subarray(bounds[index - 1], end)));
        expect(got).toEqual(messages);
        expect(frames.empty).toBe(true);
      }),
    );
  });

  it('are put together in time that grows with their length, byte by byte too', () => {
    const long = found(3, 'cn=x', { photo: [Buffer.alloc(100_000)] });
    const frames = new Frames();
    const got = [...long].flatMap((byte) => frames.push(Buffer.from([byte])));
    expect(got).toEqual([long]);
  });

  it.each([
    ['no sequence', Buffer.from('HTTP/1.1')],
    ['an indefinite length', Buffer.from([0x30, 0x80])],
    ['a length of five bytes', Buffer.from([0x30, 0x85])],
    ['too long a message', Buffer.from([0x30, 0x84, 0x40, 0, 0, 0])],
    ['a child that is longer than its parent', node(0x30, Buffer.from([0x04, 0x05, 0x61]))],
    ['a child that breaks off', node(0x30, integer(1), Buffer.from([0x61]))],
    [
      'a value in an entry that is too long',
      node(0x30, integer(1), node(0x64, text('x'), node(0x30, node(0x30, text('a'), node(0x31, Buffer.from([0x04, 0x7f])))))),
    ],
    ['nodes in nodes without end', Array.from({ length: 40 }).reduce<Buffer>((inner) => node(0x30, inner), text(''))],
  ])('are refused: %s', (_, bytes) => {
    expect(() => new Frames().push(bytes)).toThrow();
  });
});
