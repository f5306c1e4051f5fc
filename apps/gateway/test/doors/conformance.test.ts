import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll } from '@jest/globals';
import { ExpressDoor } from '../../src/doors/express-door.js';
import { NginxDoor } from '../../src/doors/nginx-door.js';
import { describeDoor } from './support/describe-door.js';
import { Peer } from './support/peer.js';

const folder = mkdtempSync(join(tmpdir(), 'postern-doors-'));
afterAll(() => rmSync(folder, { recursive: true }));

const pem = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'fixtures', name));
const anyPort = [{ kind: 'tcp', host: '127.0.0.1', port: 0 }] as const;
const connect = (address: string): Promise<Peer> => Peer.connect(address);
let sockets = 0;

describeDoor('the nginx door on TCP', { make: (parts) => new NginxDoor({ ...parts, addresses: anyPort }), connect });

describeDoor('the nginx door on IPv6', {
  make: (parts) => new NginxDoor({ ...parts, addresses: [{ kind: 'tcp', host: '::1', port: 0 }] }),
  connect,
});

describeDoor(
  'the nginx door on a unix socket',
  { make: (parts) => new NginxDoor({ ...parts, addresses: [{ kind: 'unix', path: join(folder, `${(sockets += 1)}.sock`) }] }), connect },
  { exemptFromAllow: true },
);

describeDoor(
  'the Express door',
  { make: (parts) => new ExpressDoor({ ...parts, addresses: anyPort }), connect },
  { deniesBareTargets: true },
);

const connectWithCertificate = async (address: string): Promise<Peer> => {
  const port = Number(address.split(':').at(-1));
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: pem('ca.pem'),
    cert: pem('client.pem'),
    key: pem('client.key'),
  });
  const peer = new Peer(socket);
  await once(socket, 'secureConnect');
  return peer;
};

describeDoor(
  'the Express door with TLS and client certificates',
  {
    make: (parts) =>
      new ExpressDoor({ ...parts, addresses: anyPort, tls: { cert: pem('server.pem'), key: pem('server.key'), clientCa: pem('ca.pem') } }),
    connect: connectWithCertificate,
  },
  { deniesBareTargets: true, noHalfClose: true },
);
