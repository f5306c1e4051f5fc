import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ExpressDoor, type ExpressDoorParts } from '../../src/doors/express-door.js';
import type { TlsMaterial } from '../../src/doors/tls-material.js';
import { DoorRoom, type DoorOptions } from './support/door-room.js';
import { Peer } from './support/peer.js';
import { readDenial, readReply } from './support/reply.js';
import { request } from './support/request.js';

const pem = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'fixtures', name));
const endOfHead = '\r\n\r\n';

describe('the Express door', () => {
  let room: DoorRoom | undefined;
  afterEach(() => room?.close());

  const open = async (tls?: TlsMaterial, options?: DoorOptions): Promise<{ here: DoorRoom; door: ExpressDoor }> => {
    let door!: ExpressDoor;
    const make = (parts: Omit<ExpressDoorParts, 'addresses'>): ExpressDoor => {
      door = new ExpressDoor({ ...parts, addresses: [{ kind: 'tcp', host: '127.0.0.1', port: 0 }], ...(tls === undefined ? {} : { tls }) });
      return door;
    };
    room = new DoorRoom({ make, connect: (address) => Peer.connect(address) }, options);
    await room.open();
    return { here: room, door };
  };

  const question = (version = '1.1'): Buffer => request({ version });

  describe('over HTTP/1.1', () => {
    it('answers one question after another on one connection', async () => {
      const { here } = await open();
      const peer = await here.peer();
      for (const count of [1, 2, 3]) {
        peer.send(question());
        const received = await peer.until((bytes) => bytes.toString().split(endOfHead).length > count);
        const last = received.toString('latin1').split(endOfHead)[count - 1]!;
        expect(readReply(Buffer.from(last + endOfHead)).headers.get('Connection')).toBe('keep-alive');
      }
    });

    it('answers questions that were sent without waiting, in their order', async () => {
      const { here } = await open();
      const peer = await here.peer();
      const users = ['one', 'two', 'three'];
      peer.send(Buffer.concat(users.map((user) => request({ version: '1.1', fields: [['Auth-User', user]] }))));
      const received = await peer.until((bytes) => bytes.toString().split(endOfHead).length > users.length);
      expect([...received.toString().matchAll(/^Auth-User: (.*)\r$/gm)].map(([, user]) => user)).toEqual(users);
    });

    it('says nothing but the answer and the framing', async () => {
      const { here } = await open();
      const peer = await here.peer();
      peer.send(question());
      const { headers, statusLine } = readReply(await peer.until((bytes) => bytes.includes(endOfHead)));
      expect(statusLine).toBe('HTTP/1.1 200 OK');
      expect([...headers.keys()]).toEqual([
        'Auth-Status',
        'Auth-Server',
        'Auth-Port',
        'Auth-User',
        'Content-Length',
        'Connection',
        'Keep-Alive',
      ]);
    });

    it.each(['http://[', 'http://[::1'])('rule 43: answers a question for a path that Express itself cannot read: %j', async (target) => {
      const { here } = await open();
      const asked = question()
        .toString('latin1')
        .replace(/^GET \S+/, `GET ${target}`);
      const peer = await here.peer();
      peer.send(asked);
      const reply = readReply(await peer.until((bytes) => bytes.includes(endOfHead)));
      expect([reply.statusLine, reply.headers.get('Auth-Status')]).toEqual(['HTTP/1.1 200 OK', 'OK']);
    });

    it('closes a connection on which a body follows, so that no byte of it is taken for a question', async () => {
      const { here } = await open();
      const hidden = question();
      const asked = request({ version: '1.1', fields: [['Content-Length', String(hidden.length)]] });
      const reply = readReply(await here.say(Buffer.concat([asked, hidden])));
      expect(reply.headers.get('Connection')).toBe('close');
      expect(here.answerer.questions).toHaveLength(1);
    });

    it('closes a kept connection after the answer in flight when the door closes', async () => {
      const { here, door } = await open();
      const peer = await here.peer();
      const { decide } = here.answerer;
      let closing: Promise<void> | undefined;
      here.answerer.decide = (attempt) => {
        closing = door.close(60_000);
        return decide(attempt);
      };
      peer.send(question());
      expect(readReply(await peer.receive()).headers.get('Connection')).toBe('close');
      await closing;
    });

    it('denies a question without a Host, like any other, by what it asks', async () => {
      const { here } = await open();
      readDenial(await here.say('GET /auth HTTP/1.1\r\nConnection: close\r\n\r\n'));
    });

    it('tells a bug in Express itself as a temporary failure', async () => {
      const { here } = await open();
      const { answerer } = here;
      answerer.answer = () => Promise.resolve({ headers: [['Auth-Status', 'bad\nbytes']], sent: 'deferred' });
      readDenial(await here.say(question('1.0')));
      expect(here.log.lines).toMatchObject([{ level: 'error' }]);
    });
  });

  describe('over TLS', () => {
    const tls: TlsMaterial = { cert: pem('server.pem'), key: pem('server.key') };
    const guarded: TlsMaterial = { ...tls, clientCa: pem('ca.pem') };
    const client = { cert: pem('client.pem'), key: pem('client.key') };

    const connect = (address: string, options: ConnectionOptions = {}): TLSSocket => {
      const socket = connectTls({
        port: Number(address.split(':').at(-1)),
        host: '127.0.0.1',
        servername: 'localhost',
        ca: pem('ca.pem'),
        ...options,
      });
      socket.on('error', () => undefined);
      return socket;
    };

    const ask = async (address: string, options?: ConnectionOptions): Promise<Buffer> => {
      const peer = new Peer(connect(address, options));
      peer.send(question('1.0'));
      return peer.receive();
    };

    it('answers clients with a certificate of the authority', async () => {
      const { here } = await open(guarded);
      expect(readReply(await ask(here.door.address, client)).status).toBe('OK');
    });

    it.each([
      ['without a certificate', {}],
      ['with a certificate of somebody else', { cert: pem('stranger.pem'), key: pem('stranger.key') }],
      ['with a certificate for servers', { cert: pem('server.pem'), key: pem('server.key') }],
    ])('hangs up on clients %s', async (_who, options) => {
      const { here } = await open(guarded);
      expect(await ask(here.door.address, options)).toHaveLength(0);
      expect(here.answerer.questions).toHaveLength(0);
    });

    it('asks for no certificate without an authority', async () => {
      const { here } = await open(tls);
      expect(readReply(await ask(here.door.address)).status).toBe('OK');
    });

    it('refuses TLS before 1.2', async () => {
      const { here } = await open(tls);
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
      expect(await ask(here.door.address, old)).toHaveLength(0);
      expect(readReply(await ask(here.door.address, { maxVersion: 'TLSv1.2' })).status).toBe('OK');
    });

    it('survives bytes that are no TLS, and a peer that leaves in the middle of the handshake', async () => {
      const { here } = await open(tls);
      const rude = await Peer.connect(here.door.address);
      rude.send(question());
      await rude.receive();
      const gone = await Peer.connect(here.door.address);
      await gone.sendSlowly([Buffer.from('\x16\x03\x01\x02\x00', 'latin1')]);
      gone.reset();
      expect(readReply(await ask(here.door.address)).status).toBe('OK');
    });

    it('serves a renewed certificate without closing, and keeps the old one when the new one is broken', async () => {
      const { here, door } = await open(tls);
      const subject = async (): Promise<unknown> => {
        const socket = connect(here.door.address);
        await once(socket, 'secureConnect');
        const { subject: named } = socket.getPeerCertificate();
        socket.destroy();
        return named;
      };
      expect(await subject()).toEqual({ CN: 'localhost' });
      door.renew({ cert: pem('renewed.pem'), key: pem('renewed.key') });
      expect(await subject()).toEqual({ CN: 'renewed.localhost' });
      expect(() => door.renew({ cert: pem('renewed.pem'), key: pem('server.key') })).toThrow(/cannot be used/);
      expect(() => door.renew({ cert: 'nonsense', key: 'nonsense' })).toThrow(/cannot be used/);
      expect(await subject()).toEqual({ CN: 'renewed.localhost' });
    });

    it('goes on asking for client certificates after a renewal, and will not drop them while open', async () => {
      const { here, door } = await open(guarded);
      door.renew({ cert: pem('renewed.pem'), key: pem('renewed.key'), clientCa: pem('ca.pem') });
      expect(await ask(here.door.address)).toHaveLength(0);
      expect(readReply(await ask(here.door.address, client)).status).toBe('OK');
      expect(() => door.renew(tls)).toThrow(/cannot be switched/);
    });

    it('will not be made with a key that does not belong to the certificate, and does not tell the key', async () => {
      const broken = { cert: pem('server.pem'), key: pem('client.key') };
      await expect(open(broken)).rejects.toThrow(/the TLS certificate and key cannot be used/);
    });
  });
});
