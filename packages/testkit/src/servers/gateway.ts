import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Endpoint } from './endpoint.js';
import { ServerProcess, type ProcessEnd } from './server-process.js';
import type { ServerRoom } from './server-room.js';

export interface GatewayOptions {
  /** The command's script: `apps/gateway/bin/postern.js`. */
  readonly script: string;
  /** Written as `postern.yaml` (JSON is YAML). `listen` must be there, as one address. */
  readonly config: GatewayConfig;
  /** For the folder; `gateway` when absent. */
  readonly name?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The normative config file as data; only what the harness itself reads has a type. */
export interface GatewayConfig extends Readonly<Record<string, unknown>> {
  /** `HOST:PORT` or `unix:PATH`. */
  readonly listen: string;
}

const doorOf = (listen: string): Endpoint => {
  if (listen.startsWith('unix:')) return { path: listen.slice('unix:'.length) };
  const colon = listen.lastIndexOf(':');
  return { host: listen.slice(0, colon).replace(/^\[(.*)\]$/u, '$1'), port: Number(listen.slice(colon + 1)) };
};

// Set for the test runner, and no business of the gateway's.
const ownEnvironment = (extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => {
  const rest = { ...process.env };
  for (const name of ['NODE_OPTIONS', 'FORCE_COLOR', 'JEST_WORKER_ID', 'NODE_ENV']) Reflect.deleteProperty(rest, name);
  return { ...rest, ...extra };
};

/** The real gateway as a child process, with a config of its own. */
export class Gateway {
  /** The nginx door, as an `auth_http` target. */
  readonly door: Endpoint;
  readonly configPath: string;
  readonly #room: ServerRoom;
  readonly #options: GatewayOptions;
  readonly #runs: ServerProcess[] = [];

  private constructor(room: ServerRoom, options: GatewayOptions) {
    this.#room = room;
    this.#options = options;
    this.door = doorOf(options.config.listen);
    this.configPath = room.path(options.name ?? 'gateway', 'postern.yaml');
  }

  static async start(room: ServerRoom, options: GatewayOptions): Promise<Gateway> {
    const gateway = new Gateway(room, options);
    await room.write(join(options.name ?? 'gateway', 'postern.yaml'), JSON.stringify(options.config, undefined, 2));
    await gateway.start();
    return gateway;
  }

  get pid(): number {
    return this.#current.pid;
  }

  /** Resolves when the present run has ended by itself or by a signal. */
  get ended(): Promise<ProcessEnd> {
    return this.#current.ended;
  }

  /** Everything it ever wrote, over all its starts. */
  output(): string {
    return this.#runs.map((run) => run.output()).join('');
  }

  /** Starts it (again) and waits for its ready line. */
  async start(): Promise<void> {
    const run = ServerProcess.start(this.#room, {
      name: this.#options.name ?? 'gateway',
      command: process.execPath,
      args: [this.#options.script, 'serve', '-c', this.configPath],
      env: ownEnvironment(this.#options.env),
    });
    this.#runs.push(run);
    await run.untilOutput(/^postern is ready: /mu);
  }

  /** SIGTERM: it drains and ends. */
  stop(): Promise<ProcessEnd> {
    return this.#current.stop();
  }

  signal(name: NodeJS.Signals): void {
    this.#current.signal(name);
  }

  /** Replaces the config, sends SIGHUP and waits for what the log says about it; `until` matches the line to wait for. */
  async reload(config: GatewayConfig, until: RegExp): Promise<string> {
    const draft = `${this.configPath}.new`;
    await writeFile(draft, JSON.stringify(config, undefined, 2));
    await rename(draft, this.configPath);
    const from = this.#current.output().length;
    this.signal('SIGHUP');
    return (await this.#current.untilOutput(until, from))[0];
  }

  /** The first match in what its present run wrote, from character `from` of it on. */
  async untilOutput(pattern: RegExp, from = 0): Promise<string> {
    return (await this.#current.untilOutput(pattern, from))[0];
  }

  get #current(): ServerProcess {
    const run = this.#runs.at(-1);
    if (run === undefined) throw new Error('the gateway was not started');
    return run;
  }
}
