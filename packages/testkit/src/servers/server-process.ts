import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { accepts, describeEndpoint, type Endpoint } from './endpoint.js';
import type { ServerRoom } from './server-room.js';

export interface ProcessOptions {
  /** For messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** How a process ended: one of the two is null. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Long enough for a busy machine; a wait that is met ends at once. */
const patienceMs = 60_000;
const stopPatienceMs = 8_000;

/**
 * A server that runs as a child in its own process group: output captured, ended with the room. Waiting for it to be ready rejects, with its
 * output, when it ends first or takes longer than 20 seconds; one that does not end within 8 seconds of being told is killed.
 */
export class ServerProcess {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the process has ended; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  #output = '';
  #end: ProcessEnd | undefined;
  readonly #watchers = new Set<() => void>();

  private constructor(room: ServerRoom, options: ProcessOptions) {
    this.name = options.name;
    this.#child = spawn(options.command, options.args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: options.env ?? process.env,
      cwd: options.cwd ?? room.folder,
    });
    this.ended = new Promise((resolve) => {
      const settle = (end: ProcessEnd): void => {
        this.#end = end;
        this.#tell();
        resolve(end);
      };
      this.#child.once('error', (error) => {
        this.#output += `${error.message}\n`;
        settle({ code: null, signal: null });
      });
      // `close` comes after the last output of the whole group: nobody may outlive its head.
      this.#child.once('exit', () => this.#killGroup());
      this.#child.once('close', (code, signal) => settle({ code, signal }));
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
        this.#tell();
      });
    }
    this.pid = this.#child.pid ?? -1;
  }

  static start(room: ServerRoom, options: ProcessOptions): ServerProcess {
    const started = new ServerProcess(room, options);
    if (started.pid > 0) room.reaper.watchGroup(started.pid);
    void started.ended.then(() => {
      room.reaper.forgetGroup(started.pid);
    });
    room.onClose(async () => {
      await started.stop();
    });
    return started;
  }

  get running(): boolean {
    return this.#end === undefined;
  }

  /** All it wrote so far, both streams. */
  output(): string {
    return this.#output;
  }

  /** The first match in the output from character `from` on; rejects when the process ends without one. */
  async untilOutput(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    const found = (): RegExpExecArray | null => pattern.exec(this.#output.slice(from));
    await this.#until(() => found() !== null, `${this.name} did not write ${String(pattern)}`);
    return found() as RegExpExecArray;
  }

  /** Connects until somebody accepts; rejects when the process ends before that. */
  async untilAccepts(endpoint: Endpoint): Promise<void> {
    const deadline = Date.now() + patienceMs;
    while (!(await accepts(endpoint))) {
      if (!this.running) throw this.#trouble(`${this.name} ended before it listened on ${describeEndpoint(endpoint)}`);
      if (Date.now() > deadline) throw this.#trouble(`${this.name} does not listen on ${describeEndpoint(endpoint)}`);
      await pause(10);
    }
  }

  signal(name: NodeJS.Signals): void {
    if (this.running) this.#child.kill(name);
  }

  /** Asks it to end, then makes it; whatever is left of its process group goes too. */
  async stop(name: NodeJS.Signals = 'SIGTERM'): Promise<ProcessEnd> {
    this.signal(name);
    const late = new AbortController();
    const insist = pause(stopPatienceMs, undefined, { signal: late.signal }).then(
      () => this.#killGroup(),
      () => undefined,
    );
    const end = await this.ended;
    late.abort();
    await insist;
    return end;
  }

  #killGroup(): void {
    if (this.pid <= 0) return;
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // Nobody of the group is left.
    }
  }

  #tell(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #trouble(why: string): Error {
    return new Error(`${why}; its output:\n${this.#output.slice(-4000)}`);
  }

  #until(holds: () => boolean, otherwise: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        finish();
      };
      const look = (): void => {
        if (holds()) settle(resolve);
        else if (!this.running) settle(() => reject(this.#trouble(`${otherwise} before it ended`)));
      };
      const timer = setTimeout(() => settle(() => reject(this.#trouble(`${otherwise} in time`))), patienceMs);
      this.#watchers.add(look);
      look();
    });
  }
}
