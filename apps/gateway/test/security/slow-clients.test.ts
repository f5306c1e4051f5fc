import 'reflect-metadata';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Peer } from '../doors/support/peer.js';
import { readReply } from '../doors/support/reply.js';
import { questionBytes } from '../support/ask.js';
import { ConfigFolder, smallConfig } from '../support/config-folder.js';
import { RunningGateway } from '../support/running-gateway.js';

jest.setTimeout(120_000);

const certificates = join(import.meta.dirname, '../doors/fixtures');
const crowd = 300;
const attackers = 20;

interface DoorUnderAttack {
  readonly name: string;
  readonly address: (gateway: RunningGateway) => string;
  readonly tls?: true;
  readonly start: string;
  /** Whether somebody else is served meanwhile. */
  readonly serves: (bytes: Buffer) => boolean;
  readonly question: Buffer;
}

const isIn = (bytes: Buffer): boolean => readReply(bytes).status === 'OK';
const start = 'GET /auth HTTP/1.0\r\nAuth-User: ';

const tableOfDoors: readonly DoorUnderAttack[] = [
  { name: 'the nginx door', address: (gateway) => gateway.door('nginx'), start, serves: isIn, question: questionBytes() },
  {
    name: 'the Express door over TLS',
    address: (gateway) => gateway.door('proxy'),
    tls: true,
    start,
    serves: isIn,
    question: questionBytes(),
  },
  {
    name: 'the operator’s door',
    address: (gateway) => gateway.door('operator'),
    start: 'GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ',
    serves: (bytes) => bytes.toString().startsWith('HTTP/1.1 200 OK'),
    question: Buffer.from('GET /readyz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n'),
  },
];

const body = (size: number, line = 'GET /auth HTTP/1.1'): string =>
  `${line}\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${size}\r\n\r\n`;

describe.each(tableOfDoors)('slow clients at $name', ({ address, tls, start: head, serves, question }) => {
  let folder: ConfigFolder;
  let gateway: RunningGateway;
  const open: Peer[] = [];

  beforeAll(async () => {
    folder = new ConfigFolder();
    const material = { cert: join(certificates, 'server.pem'), key: join(certificates, 'server.key') };
    folder.write(smallConfig({ nginx: { deadline: '1s' }, proxy: { listen: '127.0.0.1:0', tls: material } }));
    gateway = new RunningGateway(folder);
    await gateway.until(/^postern is ready: .*$/m);
  });
  afterAll(async () => {
    for (const peer of open) peer.reset();
    await gateway.stop();
    folder.remove();
  });

  const plain = async (): Promise<Peer> => {
    const peer = await Peer.connect(address(gateway));
    open.push(peer);
    return peer;
  };

  const peer = async (): Promise<Peer> => {
    if (tls === undefined) return plain();
    const secure = connectTls({ port: Number(address(gateway).split(':').at(-1)), host: '127.0.0.1', rejectUnauthorized: false });
    const spoken = new Peer(secure);
    open.push(spoken);
    await new Promise<void>((resolve, reject) => secure.once('secureConnect', resolve).once('error', reject));
    return spoken;
  };

  const somebodyElse = async (): Promise<void> => {
    const here = await peer();
    here.send(question);
    expect(serves(await here.receive())).toBe(true);
  };

  /** Each says one byte at a time until the gateway has enough of it. */
  const drip = async (first: string): Promise<void> => {
    const slow = await Promise.all(Array.from({ length: attackers }, peer));
    for (const each of slow) each.send(first);
    const timer = setInterval(() => slow.forEach((each) => !each.socket.destroyed && each.socket.writable && each.socket.write('a')), 50);
    try {
      await somebodyElse();
      await Promise.all(slow.map((each) => each.receive()));
    } finally {
      clearInterval(timer);
    }
  };

  it('a head that drips is cut off, and others are served meanwhile', async () => {
    await drip(head);
    await somebodyElse();
  });

  it('a body that drips is cut off or never waited for, and others are served meanwhile', async () => {
    await drip(head.startsWith('GET /readyz') ? body(1000, 'POST /api/v1/cache/flush HTTP/1.1') : body(1000));
    await somebodyElse();
  });

  it('many connections that say nothing end, and keep nobody out', async () => {
    const silent: Peer[] = [];
    for (let count = 0; count < crowd; count++) silent.push(await plain());
    await somebodyElse();
    await Promise.all(silent.map((each) => each.receive()));
  });
});
