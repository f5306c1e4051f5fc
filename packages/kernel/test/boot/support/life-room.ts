import type { RawAttempt } from '@postern/auth-http';
import type { Services } from '@postern/contract';
import {
  Generation,
  type GenerationParts,
  type LifeLimits,
  MemoryState,
  PolledFiles,
  quietLedger,
  Running,
  SharedChanges,
  type RunningParts,
  type ServicesWanted,
} from '@postern/kernel';
import { CapturedLog } from './captured-log.js';
import { ConfigRoom } from './config-room.js';
import { FakeClock } from './fake-clock.js';
import { newScript, type Script, stage } from './sample-plugins.js';

const noMetrics = {
  counter: () => ({ inc: () => undefined }),
  gauge: () => ({ set: () => undefined }),
  histogram: () => ({ observe: () => undefined }),
};

export const plainConfig = `
health: off
backends: { mail-a: { host: 10.0.0.11 }, mail-b: { host: 10.0.0.12 } }
plugins:
  - use: policy
  - use: store
  - { use: router, with: { over: [mail-a, mail-b] } }
`;

/** A config file with everything needed to bring it to life on a clock of its own. */
export class LifeRoom {
  readonly room: ConfigRoom;
  readonly clock = new FakeClock();
  readonly log = new CapturedLog();
  readonly script: Script = newScript();
  limits: Partial<LifeLimits> = {};
  readonly #shared = new MemoryState({ clock: this.clock, log: this.log });

  private constructor(room: ConfigRoom) {
    this.room = room;
    stage.script = this.script;
  }

  static async open(): Promise<LifeRoom> {
    return new LifeRoom(await ConfigRoom.open());
  }

  get parts(): GenerationParts {
    const { clock, log, limits } = this;
    return {
      clock,
      log,
      limits,
      resolver: { lookup: (host) => Promise.resolve([host]) },
      makeServices: (wanted) => this.#services(wanted),
    };
  }

  async generation(yaml = plainConfig): Promise<Generation> {
    const { config, problems } = await this.room.read(yaml);
    if (config === undefined) throw new Error(problems.map(({ message }) => message).join('\n'));
    return Generation.create(config, this.parts);
  }

  async running(yaml = plainConfig, more: Partial<RunningParts> = {}): Promise<Running> {
    await this.room.write('postern.yaml', yaml);
    return Running.start({ ...this.parts, file: this.room.file, source: this.room.source, env: () => this.room.env, ...more });
  }

  /** What happened since the last call. */
  happened(): readonly string[] {
    return this.script.calls.splice(0);
  }

  close(): Promise<void> {
    return this.room.close();
  }

  #services({ name, backends, routes, stores }: ServicesWanted): Services {
    const { clock, log } = this;
    return {
      name,
      log,
      clock,
      metrics: noMetrics,
      backends,
      routes,
      stores,
      ledger: quietLedger,
      shared: this.#shared,
      changes: new SharedChanges(this.#shared, log),
      files: new PolledFiles({ clock, log }),
    };
  }
}

export const rawAttempt = (user = 'anna@example.org'): RawAttempt => ({
  rawUser: user,
  proof: { mechanism: 'plain', password: 'pw', bytes: Buffer.from('pw') },
  protocol: 'imap',
  client: { ip: '192.0.2.1' },
  tls: {},
  ordinal: 1,
});
