import type { Protocol } from '@postern/contract';
import type { BackendConfig } from '../../src/backends/backend.js';
import type { Connection, ConnectionEvents, Connector } from '../../src/backends/connector.js';

export interface FakeConnection extends Connection {
  readonly address: string;
  readonly port: number;
  readonly events: ConnectionEvents;
  readonly sent: string[];
  destroyed: boolean;
}

/** What a server does with a connection; `hang`: nothing at all. */
export type Behaviour = 'refuse' | 'hang' | 'connect' | 'close' | { readonly greets: readonly string[] };

/** A network in which every port behaves as `behaviour` says. */
export class FakeNetwork implements Connector {
  readonly connections: FakeConnection[] = [];
  behaviour: (address: string, port: number) => Behaviour;

  constructor(behaviour: (address: string, port: number) => Behaviour) {
    this.behaviour = behaviour;
  }

  open(address: string, port: number, events: ConnectionEvents): Connection {
    const connection: FakeConnection = {
      address,
      port,
      events,
      sent: [],
      destroyed: false,
      finish: (bytes) => connection.sent.push(bytes),
      destroy: () => (connection.destroyed = true),
    };
    this.connections.push(connection);
    queueMicrotask(() => behave(this.behaviour(address, port), events));
    return connection;
  }
}

const behave = (behaviour: Behaviour, events: ConnectionEvents): void => {
  if (behaviour === 'hang') return;
  if (behaviour === 'refuse') return events.closed(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
  events.opened();
  if (behaviour === 'close') return events.closed();
  if (behaviour !== 'connect') for (const bytes of behaviour.greets) events.data(Buffer.from(bytes));
};

export const backend = (name: string, more: Partial<BackendConfig> = {}): BackendConfig => ({
  name,
  host: '192.0.2.1',
  ports: { imap: 143, pop3: 110, smtp: 25 },
  weight: 1,
  state: 'up',
  ...more,
});

export const greeting: Readonly<Record<Protocol, string>> = { imap: '* OK ready\r\n', pop3: '+OK ready\r\n', smtp: '220 ready\r\n' };

/** Greets in the protocol of the default port. */
export const greetsWell = (_address: string, port: number): Behaviour => ({
  greets: [port === 143 ? greeting.imap : port === 110 ? greeting.pop3 : greeting.smtp],
});
