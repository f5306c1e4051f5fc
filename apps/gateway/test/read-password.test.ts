import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { readPassword } from '../src/cli/read-password.js';
import { TestIo } from './support/test-io.js';

const piped = async (bytes: string | Buffer): Promise<Buffer> => Buffer.from(await readPassword(new TestIo('/').typed(bytes), true));

/** A terminal on which each text is typed once it was asked for. */
const onTerminal = async (
  texts: readonly string[],
  twice = true,
): Promise<{ io: TestIo; raw: boolean[]; password: Promise<Uint8Array> }> => {
  const io = new TestIo('/');
  const raw: boolean[] = [];
  io.stdin.isTTY = true;
  io.stdin.setRawMode = (mode: boolean) => raw.push(mode);
  const password = readPassword(io, twice);
  password.catch(() => undefined);
  for (const text of texts) {
    await setImmediate();
    io.stdin.write(text);
    await Promise.race([once(io.stdin, 'pause'), setImmediate()]);
  }
  return { io, raw, password };
};

describe('reading a password', () => {
  it('takes the bytes that are piped in, without one line break at the end', async () => {
    expect((await piped('p%C3 +&"\\ü')).toString()).toBe('p%C3 +&"\\ü');
    expect((await piped('secret\n')).toString()).toBe('secret');
    expect((await piped('secret\r\n')).toString()).toBe('secret');
    expect((await piped('two\nlines\n\n')).toString()).toBe('two\nlines\n');
    expect(await piped(Buffer.from([0xff, 0x00, 0xfe]))).toEqual(Buffer.from([0xff, 0x00, 0xfe]));
    expect((await piped(' spaces ')).toString()).toBe(' spaces ');
  });

  it('refuses nothing at all, and far too much', async () => {
    await expect(piped('')).rejects.toThrow('no password came in');
    await expect(piped('\n')).rejects.toThrow('no password came in');
    await expect(piped(Buffer.alloc(70_000, 'x'))).rejects.toThrow('at most 65536 bytes');
  });

  it('asks twice on a terminal, without echo', async () => {
    const { io, raw, password } = await onTerminal(['geheimü\r', 'geheimü\r']);
    expect(Buffer.from(await password).toString()).toBe('geheimü');
    expect(io.stderr.text).toBe('Password: \nAgain: \n');
    expect(io.stdout.text).toBe('');
    expect(raw).toEqual([true, false, true, false]);
  });

  it('asks once where the password is only tried', async () => {
    const { io, password } = await onTerminal(['geheim\n'], false);
    expect(Buffer.from(await password).toString()).toBe('geheim');
    expect(io.stderr.text).toBe('Password: \n');
  });

  it('notices when the two differ', async () => {
    const { password } = await onTerminal(['one\r', 'two\r']);
    await expect(password).rejects.toThrow('the two passwords differ');
  });

  it('obeys the keys for deleting a character, for starting over and for breaking off', async () => {
    const { password } = await onTerminal(['axü\u007f\u007fb\r'], false);
    expect(Buffer.from(await password).toString()).toBe('ab');
    const over = await onTerminal(['wrong\u0015right\r'], false);
    expect(Buffer.from(await over.password).toString()).toBe('right');
    const broken = await onTerminal(['abc\u0003'], false);
    await expect(broken.password).rejects.toThrow('broken off');
    expect(broken.raw).toEqual([true, false]);
  });
});
