import { createServer, type Server, type Socket } from 'node:net';
import { Asking } from './asking.js';
import { defaultDoorLimits, silenceAtClosing, type Door, type DoorLimits, type DoorParts, type DoorRules } from './door.js';
import { Exchange, type ExchangeParts } from './exchange.js';
import { Gate } from './gate.js';
import { Listeners } from './listeners.js';
import { Sweep, sweepInterval } from './sweep.js';

/**
 * The door for nginx's mail module: one HTTP/1.0 request per connection, on TCP and unix sockets.
 *
 * It stands on `node:net` because Node's HTTP parser answers 400 to bytes that a real nginx sends (a raw 7F in a password,
 * NUL in SMTP fields) and takes a third of the throughput.
 */
export class NginxDoor implements Door {
  readonly #parts: DoorParts;
  readonly #limits: DoorLimits;
  readonly #gate: Gate;
  readonly #exchange: ExchangeParts;
  readonly #listeners: Listeners;
  #deadlineMs: number;
  #closed: Promise<void> | undefined;

  constructor(parts: DoorParts) {
    const { addresses, answerer, clock, log, rules } = parts;
    this.#parts = parts;
    this.#limits = { ...defaultDoorLimits, ...parts.limits };
    this.#gate = new Gate(rules.allow);
    this.#deadlineMs = rules.deadlineMs;
    const { headBytes, lingerMs } = this.#limits;
    const open = new Sweep<Exchange>(clock, sweepInterval(rules.deadlineMs));
    this.#exchange = { asking: new Asking(answerer, 'nginx', log), clock, open, headBytes, lingerMs };
    this.#listeners = new Listeners(addresses, (address) => this.#server(address.kind === 'unix'), parts);
  }

  get address(): string {
    return this.#listeners.address;
  }

  listen(): Promise<void> {
    return this.#listeners.open();
  }

  update({ allow, deadlineMs }: DoorRules): void {
    this.#gate.update(allow);
    this.#deadlineMs = deadlineMs;
  }

  close(graceMs: number): Promise<void> {
    this.#closed ??= this.#close(graceMs);
    return this.#closed;
  }

  #server(exempt: boolean): Server {
    // The peer may half-close and still be answered; one small write never waits for Nagle, an answer is never late for it.
    return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket, exempt));
  }

  #accept(socket: Socket, exempt: boolean): void {
    const { clock, open } = this.#exchange;
    if (open.size >= this.#limits.connections * 2) {
      socket.destroy();
      return;
    }
    const full = open.size >= this.#limits.connections;
    const exchange = new Exchange(socket, this.#exchange, clock.monotonic() + this.#deadlineMs);
    if (!exempt && !this.#gate.admits(socket.remoteAddress)) exchange.refuse('peer', socket.remoteAddress);
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
