import { isIP } from 'node:net';
import { type Advice, Networks } from '@postern/contract';
import type { ImapConfig } from './config.js';

const loopback = new Networks(['127.0.0.0/8', '::1/128']);

const isHere = (host: string): boolean => (isIP(host) === 0 ? host.toLowerCase() === 'localhost' : loopback.includes(host));

export const adviceOn = ({ server, startTls }: ImapConfig): readonly Advice[] =>
  // Where the routers choose, nginx speaks to the same port, in clear text too.
  server.kind === 'route' || server.tls || startTls || isHere(server.host)
    ? []
    : [
        {
          path: ['server'],
          severity: 'warning',
          message: 'passwords go over the network in clear text.',
          hint: 'Use imaps:// or startTls: true.',
        },
      ];
