import { createServer, type Server, type Socket } from 'node:net';
import { Asking } from './asking.js';
import { defaultDoorLimits, silenceAtClosing, type Door, type DoorLimits, type DoorParts, type DoorRules } from './door.js';
import { Exchange, type ExchangeParts } from './exchange.js';
import { Gate } from './gate.js';
import { Listeners } from './listeners.js';
import { Sweep, sweepInterval } from './sweep.js';
import { Turn } from './turn.js';

/**
 * The door for nginx's mail module: one HTTP/1.0 request per connection, on TCP and unix sockets.
 *
 * It stands on `node:net` because Node's HTTP parser answers 400 to bytes that a real nginx sends (a raw 7F in a password,
 * NUL in SMTP fields) and takes a third of the throughput.
 */
export class NginxDoor implements Door {
  readonly #parts: DoorParts;
  readonly #limits: DoorLimits;
  readonly #gates: Gate[] = [];
  readonly #exchange: ExchangeParts;
  readonly #listeners: Listeners;
  #deadlineMs: number;
  #closed: Promise<void> | undefined;

  constructor(parts: DoorParts) {
    const { addresses, answerer, clock, log, rules } = parts;
    this.#parts = parts;
    this.#limits = { ...defaultDoorLimits, ...parts.limits };
    this.#deadlineMs = rules.deadlineMs;
    const { headBytes, lingerMs } = this.#limits;
    const open = new Sweep<Exchange>(clock, sweepInterval(rules.deadlineMs));
    const asking = new Asking(answerer, 'nginx', log);
    this.#exchange = { asking, clock, open, turn: new Turn(asking.broke), headBytes, lingerMs };
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
  }

  close(graceMs: number): Promise<void> {
    this.#closed ??= this.#close(graceMs);
    return this.#closed;
  }

  #server(gate: Gate): Server {
    this.#gates.push(gate);
    // The peer may half-close and still be answered. No `noDelay`: Nagle holds back a second small write, and there is only one.
    return createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket, gate));
  }

  #accept(socket: Socket, gate: Gate): void {
    const { clock, open } = this.#exchange;
    if (open.size >= this.#limits.connections * 2) {
      socket.destroy();
      return;
    }
    const full = open.size >= this.#limits.connections;
    const exchange = new Exchange(socket, this.#exchange, clock.monotonic() + this.#deadlineMs);
    if (!gate.admits(socket)) exchange.refuse('peer', socket.remoteAddress);
    else if (full) exchange.refuse('too-many');
  }

  async #close(graceMs: number): Promise<void> {
    const { clock, open } = this.#exchange;
    const quiet = clock.monotonic() + Math.min(graceMs, silenceAtClosing);
    const cancel = clock.after(graceMs, () => {
      for (const exchange of open) exchange.destroy();
    });
    for (const exchange of open) exchange.hurry(quiet);
    await this.#listeners.close();
    cancel();
  }
}
