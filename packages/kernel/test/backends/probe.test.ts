import { describe, expect, it } from '@jest/globals';
import type { Protocol } from '@postern/contract';
import { probe, type ProbeResult } from '../../src/backends/probe.js';
import { ManualClock, settled } from '../answer/fakes.js';
import { type Behaviour, FakeNetwork } from './fakes.js';

const ask = async (behaviour: Behaviour, protocol: Protocol = 'imap', wait = 1000) => {
  const clock = new ManualClock();
  const network = new FakeNetwork(() => behaviour);
  const question = { address: '192.0.2.1', port: 143, protocol, timeout: 1000 };
  let result: ProbeResult | undefined;
  void probe(question, network, clock).then((said) => (result = said));
  await settled();
  const atOnce = result;
  await clock.pass(wait);
  return { atOnce, result, connection: network.connections[0]!, clock };
};

describe('a check', () => {
  it.each<[Protocol, string, string]>([
    ['imap', '* OK [CAPABILITY IMAP4rev1] ready\r\n', 'bye LOGOUT\r\n'],
    ['pop3', '+OK\n', 'QUIT\r\n'],
    ['smtp', '220 mx ESMTP\r\n', 'QUIT\r\n'],
    ['smtp', '220-first line\r\n', 'QUIT\r\n'],
  ])('of %s is good after %j, and says goodbye', async (protocol, greets, goodbye) => {
    const { atOnce, connection, clock } = await ask({ greets: [greets] }, protocol);
    expect(atOnce).toEqual({ kind: 'greeted' });
    expect(connection.sent).toEqual([goodbye]);
    expect(connection.destroyed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('reads a greeting in single bytes', async () => {
    expect((await ask({ greets: Array.from('* OK x\r\n') })).atOnce).toEqual({ kind: 'greeted' });
  });

  it.each<[Protocol, string]>([
    ['imap', '* PREAUTH hello\r\n'],
    ['imap', '* BYE overloaded\r\n'],
    ['imap', '* ok hello\r\n'],
    ['imap', '+OK hello\r\n'],
    ['imap', '*\r\n'],
    ['imap', '\r\n'],
    ['pop3', '-ERR later\r\n'],
    ['pop3', 'HTTP/1.1 400 Bad Request\r\n'],
    ['smtp', '554 no\r\n'],
    ['smtp', '22\r\n'],
    ['smtp', '\u0000\u0001\u0002'],
    ['smtp', 'x'.repeat(1_048_576)],
  ])('of %s fails at once after %j', async (protocol, greets) => {
    const { atOnce, connection, clock } = await ask({ greets: [greets] }, protocol, 0);
    expect(atOnce).toMatchObject({ kind: 'failed' });
    expect(connection.destroyed).toBe(true);
    expect(connection.sent).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('fails after a greeting without an end, in bounded memory', async () => {
    const { atOnce, connection } = await ask({ greets: ['* OK ', ...Array.from({ length: 64 }, () => 'x'.repeat(65_536))] });
    expect(atOnce).toMatchObject({ kind: 'failed', why: 'no end of line in 4096 bytes' });
    expect(connection.destroyed).toBe(true);
  });

  it.each<[string, Behaviour, string]>([
    ['a black hole', 'hang', 'timed out while connecting'],
    ['a server that says nothing', 'connect', 'timed out while waiting for the greeting'],
    ['half a greeting', { greets: ['* OK half'] }, 'timed out while waiting for the greeting'],
  ])('gives up on %s when its time is over', async (_what, behaviour, why) => {
    const { atOnce, result, connection, clock } = await ask(behaviour);
    expect(atOnce).toBeUndefined();
    expect(result).toEqual({ kind: 'failed', why });
    expect(connection.destroyed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('fails when refused, and when closed before the greeting', async () => {
    expect((await ask('refuse')).atOnce).toEqual({ kind: 'failed', why: 'ECONNREFUSED' });
    expect((await ask('close')).atOnce).toEqual({ kind: 'failed', why: 'closed while waiting for the greeting' });
  });

  it('fails when no connection can even be begun', async () => {
    const clock = new ManualClock();
    const open = (): never => {
      throw Object.assign(new Error('no'), { code: 'EMFILE' });
    };
    const question = { address: '192.0.2.1', port: 143, protocol: 'imap', timeout: 1000 } as const;
    expect(await probe(question, { open }, clock)).toEqual({ kind: 'failed', why: 'EMFILE' });
    expect(clock.pending).toBe(0);
  });

  it('does not care what comes after its end', async () => {
    const { connection, result } = await ask({ greets: ['* OK\r\n'] });
    connection.events.data(Buffer.from('* BYE\r\n'));
    connection.events.closed(new Error('reset'));
    expect(result).toEqual({ kind: 'greeted' });
  });
});
