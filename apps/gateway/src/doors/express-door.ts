import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { toWire } from '@postern/auth-http';
import type { RefusedRequest } from '../answerer.js';
import { Asking } from './asking.js';
import { DoorError } from './door-error.js';
import { defaultDoorLimits, silenceAtClosing, type Door, type DoorLimits, type DoorParts, type DoorRules } from './door.js';
import { createExpressServer } from './express-server.js';
import { Gate } from './gate.js';
import { HttpExchange, type HttpExchangeParts } from './http-exchange.js';
import { Listeners } from './listeners.js';
import { Sweep, sweepInterval } from './sweep.js';
import { secureContext, type TlsMaterial } from './tls-material.js';
import { Turn } from './turn.js';
import { turnAway } from './turn-away.js';

/** How long, in milliseconds, a connection may idle. nginx keeps its upstream connections for 60 s, and should be the one to hang up. */
const idleMs = 75_000;

export interface ExpressDoorParts extends DoorParts {
  /** Absent: plain HTTP. */
  readonly tls?: TlsMaterial;
}

/**
 * The door for gateways on other hosts: the same answers over HTTP/1.1 with keep-alive and, if wanted, TLS with client
 * certificates. An nginx `http{}` block on the mail proxy's host passes the questions on.
 */
export class ExpressDoor implements Door {
  readonly #parts: ExpressDoorParts;
  readonly #limits: DoorLimits;
  readonly #gates: Gate[] = [];
  readonly #exchange: HttpExchangeParts;
  /** TCP connections; behind TLS not the same objects as those admitted. */
  readonly #sockets = new Set<Socket>();
  readonly #admitted = new Set<Socket>();
  readonly #servers: Server[] = [];
  readonly #listeners: Listeners;
  readonly #turn: Turn;
  #deadlineMs: number;
  #closed: Promise<void> | undefined;

  /** Throws a `DoorError` when the TLS material cannot be used. */
  constructor(parts: ExpressDoorParts) {
    const { addresses, answerer, clock, log, rules } = parts;
    this.#parts = parts;
    this.#limits = { ...defaultDoorLimits, ...parts.limits };
    this.#deadlineMs = rules.deadlineMs;
    const pending = new Sweep<HttpExchange>(clock, sweepInterval(rules.deadlineMs));
    this.#exchange = {
      asking: new Asking(answerer, 'express', log),
      pending,
      ending: new WeakSet(),
      leaving: () => this.#closed !== undefined,
    };
    this.#turn = new Turn(this.#exchange.asking.broke);
    this.#listeners = new Listeners(addresses, (address) => this.#server(new Gate(address, rules.allow)), parts);
  }

  get address(): string {
    return this.#listeners.address;
  }

  listen(): Promise<void> {
    return this.#listeners.open();
  }

  update({ allow, deadlineMs }: DoorRules): void {
    for (const gate of this.#gates) gate.update(allow);
    this.#deadlineMs = deadlineMs;
    for (const server of this.#servers) setDeadline(server, deadlineMs);
  }

  /** A renewed certificate, for connections from now on. Throws a `DoorError` and keeps the old one when it cannot be used. */
  renew(tls: TlsMaterial): void {
    if ((tls.clientCa === undefined) !== (this.#parts.tls?.clientCa === undefined)) {
      throw new DoorError('bad-tls', 'client certificates cannot be switched on or off while the door is open', 'Restart the gateway.');
    }
    const context = secureContext(tls);
    for (const server of this.#servers) if (server instanceof TlsServer) server.setSecureContext(context);
  }

  close(graceMs: number): Promise<void> {
    this.#closed ??= this.#close(graceMs);
    return this.#closed;
  }

  async #close(graceMs: number): Promise<void> {
    const { clock } = this.#parts;
    const endGrace = clock.after(graceMs, () => {
      for (const socket of this.#sockets) socket.destroy();
    });
    // Node closes what idles between two requests, and waits for those that have not sent one yet.
    const endSilence = clock.after(silenceAtClosing, () => {
      for (const socket of [...this.#sockets, ...this.#admitted]) if (socket.bytesRead === 0) socket.destroy();
    });
    await this.#listeners.close();
    endGrace();
    endSilence();
  }

  #server(gate: Gate): Server {
    this.#gates.push(gate);
    const { tls } = this.#parts;
    const server = createExpressServer(
      {
        serve: (request, response) => this.#exchangeOf(request, response).serve(),
        fail: (request, response, cause) => this.#exchangeOf(request, response).fail(cause),
      },
      this.#turn,
      this.#options(),
      tls && { ...secureContext(tls), ...clientCertificates(tls), handshakeTimeout: this.#deadlineMs },
    );
    if (tls === undefined) {
      letThrough(server, 'connection', (socket) => this.#track(socket) && this.#admit(socket, gate));
    } else {
      letThrough(server, 'connection', (socket) => this.#track(socket));
      // Even a denial can only be said after the handshake.
      letThrough(server, 'secureConnection', (socket) => this.#admit(socket, gate));
    }
    this.#listen(server);
    this.#servers.push(server);
    return server;
  }

  #options(): ServerOptions {
    return {
      // A real nginx sends raw 7F and, in SMTP fields, any control character: 400 for Node's strict parser.
      insecureHTTPParser: true,
      maxHeaderSize: this.#limits.headBytes,
      requireHostHeader: false,
      keepAliveTimeout: idleMs,
      connectionsCheckingInterval: sweepInterval(this.#deadlineMs),
      noDelay: true,
    };
  }

  #listen(server: Server): void {
    // Node drops what comes after the 2000th header: a duplicate could hide there (rule 08). The head is bounded in bytes.
    server.maxHeadersCount = 0;
    // A peer that half-closes after its request is answered, as at the nginx door. Known to Node, unknown to its types.
    Object.assign(server, { httpAllowHalfOpen: true });
    setDeadline(server, this.#deadlineMs);
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => this.#hearNonsense(error, socket));
    server.on('connect', (_request: IncomingMessage, socket: Socket) => this.#turnAway(socket, 'malformed', 'the method is CONNECT'));
    // Never 100 or 417 (rule 03): nginx takes the first status line for the last.
    for (const expecting of ['checkContinue', 'checkExpectation'] as const) {
      server.on(expecting, (request: IncomingMessage, response: ServerResponse) => this.#exchangeOf(request, response).serve());
    }
  }

  #exchangeOf(request: IncomingMessage, response: ServerResponse): HttpExchange {
    return new HttpExchange(request, response, this.#exchange, this.#parts.clock.monotonic() + this.#deadlineMs);
  }

  #track(socket: Socket): boolean {
    if (this.#sockets.size >= this.#limits.connections * 2) {
      socket.destroy();
      return false;
    }
    return remember(this.#sockets, socket);
  }

  #admit(socket: Socket, gate: Gate): boolean {
    if (!gate.admits(socket)) this.#turnAway(socket, 'peer', socket.remoteAddress);
    else if (this.#sockets.size > this.#limits.connections) this.#turnAway(socket, 'too-many');
    else return remember(this.#admitted, socket);
    return false;
  }

  /** What Node's parser cannot read, and heads that do not arrive in time. */
  #hearNonsense(error: NodeJS.ErrnoException, socket: Socket): void {
    if (socket.writableEnded) return;
    const slow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    if (!socket.writable || (slow && socket.bytesRead === 0)) socket.destroy();
    else if (slow) this.#turnAway(socket, 'slow');
    else this.#turnAway(socket, 'malformed', `Node's parser says ${error.code ?? 'nothing'}`);
  }

  #turnAway(socket: Socket, why: RefusedRequest, detail?: string): void {
    const { headers } = this.#exchange.asking.refuse(why, detail);
    turnAway(socket, toWire(headers), this.#parts.clock, this.#limits.lingerMs);
  }
}

const remember = (sockets: Set<Socket>, socket: Socket): true => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  return true;
};

/** Bounds how long a head may take; the answer's own deadline starts when the head is there. */
const setDeadline = (server: Server, deadlineMs: number): void => {
  server.headersTimeout = deadlineMs;
  server.requestTimeout = deadlineMs;
};

const clientCertificates = ({ clientCa }: TlsMaterial): { readonly requestCert: boolean; readonly rejectUnauthorized: boolean } => ({
  requestCert: clientCa !== undefined,
  rejectUnauthorized: clientCa !== undefined,
});

/** Puts a condition before Node's own handling of new connections. */
const letThrough = (server: Server, event: 'connection' | 'secureConnection', condition: (socket: Socket) => boolean): void => {
  const handlers = server.listeners(event);
  server.removeAllListeners(event);
  server.on(event, (socket: Socket) => {
    if (condition(socket)) for (const handle of handlers) handle.call(server, socket);
  });
};
