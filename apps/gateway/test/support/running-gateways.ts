import type { ExitCode } from '../../src/cli/shell.js';
import type { Override } from '../../src/compose.js';
import type { ConfigFolder } from './config-folder.js';
import { RunningGateway } from './running-gateway.js';

/** The gateways that one test runs on one folder's config. */
export class RunningGateways {
  readonly #folder: ConfigFolder;
  readonly #running = new Set<RunningGateway>();

  constructor(folder: ConfigFolder) {
    this.#folder = folder;
  }

  /** One more, as soon as it is ready. */
  async start(env: Readonly<Record<string, string>> = {}, overrides: readonly Override[] = []): Promise<RunningGateway> {
    const gateway = new RunningGateway(this.#folder, env, overrides);
    this.#running.add(gateway);
    await gateway.until(/^postern is ready: .*$/m);
    return gateway;
  }

  /** Stops one of them before the others; answers how it ended. */
  stop(gateway: RunningGateway): Promise<ExitCode> {
    this.#running.delete(gateway);
    return gateway.stop();
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#running].map((gateway) => gateway.stop()));
  }
}
