import type { Health, LoginAttempt, Services } from '@postern/contract';
import { Condition } from './condition.js';
import type { ImapConfig } from './config.js';
import { noteOf } from './note.js';
import type { Place } from './place.js';
import { Server } from './server.js';

/** Where logins are tried. */
export interface Servers {
  /** Rejects when nobody can tell now. */
  serverFor(attempt: LoginAttempt, signal: AbortSignal): Promise<Server>;
  /** `greet` rejects when the place does not greet well. */
  health(greet: (place: Place) => Promise<void>): Promise<Health>;
}

export const serversOf = (config: ImapConfig, { clock, routes }: Pick<Services, 'clock' | 'routes'>): Servers => {
  const { server } = config;
  if (server.kind === 'route') return new RoutedServers(config, { clock, routes });
  const { host, port, tls } = server;
  return new FixedServer(new Server({ name: host, host, address: host, port, tls }, config, clock));
};

/** The one that the config names. */
class FixedServer implements Servers {
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
  }

  serverFor(): Promise<Server> {
    return Promise.resolve(this.#server);
  }

  /** Greets the server when no login has shown lately how it is. */
  async health(greet: (place: Place) => Promise<void>): Promise<Health> {
    const { condition, place } = this.#server;
    const { known } = condition;
    if (known !== undefined) return known;
    try {
      await greet(place);
      return condition.greetsWell;
    } catch (error) {
      return { status: 'down', note: noteOf(error) };
    }
  }
}

/** Whichever the routers would choose for a login. */
class RoutedServers implements Servers {
  readonly #config: ImapConfig;
  readonly #services: Pick<Services, 'clock' | 'routes'>;
  readonly #servers = new Map<string, Server>();
  readonly #routing: Condition;

  constructor(config: ImapConfig, services: Pick<Services, 'clock' | 'routes'>) {
    this.#config = config;
    this.#services = services;
    this.#routing = new Condition(services.clock);
  }

  async serverFor(attempt: LoginAttempt, signal: AbortSignal): Promise<Server> {
    const found = await this.#services.routes.whereTo({ user: attempt.user, attributes: {} }, attempt, 'imap', signal);
    switch (found.kind) {
      case 'found':
        return this.#serverAt({ name: found.backend, host: found.host, address: found.address, port: found.port, tls: false });
      case 'homeless':
        throw new Error('no router has a backend for this login, so there is no server to try the password at');
      case 'deferred':
        if (!signal.aborted) this.#routing.failed(noteOf(found.cause));
        throw new Error('the routers cannot tell where to try the password', { cause: found.cause });
    }
  }

  /** The backends have health checks of their own, so nobody is greeted here. */
  health(): Promise<Health> {
    const troubled = [...this.#servers.values()].flatMap(({ place, condition: { trouble } }) =>
      trouble === undefined ? [] : [`${place.name}: ${trouble}`],
    );
    const notes = this.#routing.trouble === undefined ? troubled : [`no server to try passwords at: ${this.#routing.trouble}`, ...troubled];
    return Promise.resolve(notes.length === 0 ? { status: 'up' } : { status: 'degraded', note: notes.slice(0, 3).join('; ') });
  }

  #serverAt(place: Place): Server {
    const key = JSON.stringify([place.name, place.host, place.address, place.port]);
    const known = this.#servers.get(key);
    if (known !== undefined) return known;
    for (const [other, server] of this.#servers) if (server.dispensable) this.#servers.delete(other);
    const server = new Server(place, this.#config, this.#services.clock);
    this.#servers.set(key, server);
    return server;
  }
}
