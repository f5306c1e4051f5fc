import { describe, expect, it } from '@jest/globals';
import { Networks } from '@postern/contract';
import type { ListenAddress } from '@postern/kernel';
import { Gate } from '../../src/doors/gate.js';

const anywhere: ListenAddress = { kind: 'tcp', host: '0.0.0.0', port: 1 };
const loopback: ListenAddress = { kind: 'tcp', host: '127.0.0.1', port: 1 };
const from = (remoteAddress: string) => ({ remoteAddress });

describe('a gate', () => {
  it('rule 14: admits peers of its networks and nobody else, in any way to write an address', () => {
    const gate = new Gate(anywhere, new Networks(['192.0.2.0/24', '2001:db8::/32']));
    for (const time of ['first', 'second']) {
      expect([time, ...['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::1'].map((peer) => gate.admits(from(peer)))]).toEqual([
        time,
        true,
        true,
        true,
      ]);
      expect(
        ['192.0.3.7', '::ffff:192.0.3.7', '127.0.0.1', '::1', '2001:db9::1', '', 'nonsense'].filter((peer) => gate.admits(from(peer))),
      ).toEqual([]);
    }
  });

  it('rule 14: admits no peer that has gone already, since it cannot be told who it was', () => {
    expect(new Gate(anywhere, new Networks(['0.0.0.0/0', '::/0'])).admits({ remoteAddress: undefined })).toBe(false);
  });

  it('rule 14: forgets what it knew when the networks change', () => {
    const gate = new Gate(anywhere, new Networks(['192.0.2.0/24']));
    expect(gate.admits(from('192.0.2.7'))).toBe(true);
    gate.update(new Networks(['198.51.100.0/24']));
    expect(['192.0.2.7', '198.51.100.1'].map((peer) => gate.admits(from(peer)))).toEqual([false, true]);
  });

  it('remembers a bounded number of peers', () => {
    const gate = new Gate(anywhere, new Networks(['10.0.0.0/8']));
    for (let peer = 0; peer < 5000; peer += 1) expect(gate.admits(from(`10.0.${peer >> 8}.${peer & 255}`))).toBe(true);
    expect(gate.admits(from('11.0.0.1'))).toBe(false);
  });

  it('asks nobody on a unix socket, whose file decides, nor on loopback where all of loopback is allowed', () => {
    const nobody = new Networks([]);
    const unasked = Object.defineProperty({}, 'remoteAddress', {
      get: () => {
        throw new Error('asked');
      },
    });
    expect(new Gate({ kind: 'unix', path: '/run/a.sock' }, nobody).admits(unasked)).toBe(true);
    expect(new Gate(loopback, new Networks(['127.0.0.0/8', '::1/128'])).admits(unasked)).toBe(true);
    expect(new Gate({ kind: 'tcp', host: '::1', port: 1 }, new Networks(['::1/128'])).admits(unasked)).toBe(true);
  });

  it.each([
    [loopback, ['127.0.0.1/32'], '127.0.0.2'],
    [loopback, ['::1/128'], '127.0.0.1'],
    [{ kind: 'tcp', host: '::1', port: 1 } as const, ['127.0.0.0/8'], '::1'],
    [anywhere, ['127.0.0.0/8'], '192.0.2.1'],
    [{ kind: 'tcp', host: 'localhost', port: 1 } as const, ['127.0.0.0/8'], '::1'],
  ])('rule 14: asks wherever somebody who can connect is not allowed: %j, %j', (address, networks, peer) => {
    expect(new Gate(address, new Networks(networks)).admits(from(peer))).toBe(false);
  });

  it('rule 14: asks on IPv4 loopback, too, where the system lets other hosts reach it', () => {
    const gate = new Gate(loopback, new Networks(['127.0.0.0/8', '::1/128']), () => true);
    expect(['192.0.2.1', '127.0.0.1'].map((peer) => gate.admits(from(peer)))).toEqual([false, true]);
    let routed = false;
    const later = new Gate(loopback, new Networks(['127.0.0.0/8']), () => routed);
    expect(later.admits(from('192.0.2.1'))).toBe(true);
    routed = true;
    later.update(new Networks(['127.0.0.0/8']));
    expect(later.admits(from('192.0.2.1'))).toBe(false);
  });
});
