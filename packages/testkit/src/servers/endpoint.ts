import { createServer, connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Where a server listens: a TCP port (on 127.0.0.1 unless `host` says otherwise) or a unix socket. */
export type Endpoint = { readonly host?: string; readonly port: number } | { readonly path: string };

export const connectTo = (endpoint: Endpoint): Socket =>
  'path' in endpoint ? connect({ path: endpoint.path }) : connect({ host: endpoint.host ?? '127.0.0.1', port: endpoint.port });

export const describeEndpoint = (endpoint: Endpoint): string =>
  'path' in endpoint ? `unix:${endpoint.path}` : `${endpoint.host ?? '127.0.0.1'}:${endpoint.port}`;

/** Whether somebody accepts a connection there now. */
export const accepts = (endpoint: Endpoint): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connectTo(endpoint);
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });

/** Whether ::1 can be used here; some containers have no IPv6 at all. */
export const hasIpv6 = (): boolean =>
  Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1') ?? false);

// Below the range the system takes outgoing ports from, so that a port stays free until its server binds it.
const lowest = 10_240;
const highest = 32_000;
const handedOut = new Set<number>();

const canBind = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });

/** A port that nobody holds on either loopback address, and that was not handed out before in this process. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    if ((await canBind(port, '127.0.0.1')) && (await canBind(port, '::1'))) return port;
  }
};
