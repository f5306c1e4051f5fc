import { fork } from 'node:child_process';
import type { Output } from '../io.js';
import type { PluginQuestion } from './question.js';
import type { Step, StepResult, Told } from './step.js';

export interface WatchParts {
  readonly question: PluginQuestion;
  readonly env: NodeJS.ProcessEnv;
  /** Where what the plugin writes goes. */
  readonly output: Output;
  readonly said: (result: StepResult) => void;
}

const program = new URL('../../main.js', import.meta.url);
/** What a step gets beyond its own time: the process may be slow to tell. */
const slackMs = 5000;
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Until the process says its first word. */
const beginMs = 60_000;

/** Holds the plugin in a process of its own and tells how each step ended, whatever the plugin does to that process. */
export const watchProbe = ({ question, env, output, said }: WatchParts): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = fork(program, ['verify-probe'], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const told = new ToldSteps(said, () => child.kill('SIGKILL'));
    // A plugin in a loop hears no signal: whoever ends us ends it, too.
    const leave = (): void => void child.kill('SIGKILL');
    process.once('exit', leave);
    const stopped = (signal: NodeJS.Signals): void => {
      leave();
      process.kill(process.pid, signal);
    };
    for (const signal of endings) process.once(signal, stopped);
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => void output.write(chunk.toString()));
    child.on('message', (message) => told.hear(message as Told));
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.off('exit', leave);
      for (const ending of endings) process.off(ending, stopped);
      told.ended(signal === null ? `ended with ${code}` : `was ended by ${signal}`);
      resolve();
    });
    child.send(question);
  });

/** Keeps in mind which step is under way, and gives up on one that takes much longer than it may. */
class ToldSteps {
  readonly #said: (result: StepResult) => void;
  readonly #kill: () => void;
  #underWay: Step = 'resolve';
  #done = false;
  #hangs = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(said: (result: StepResult) => void, kill: () => void) {
    this.#said = said;
    this.#kill = kill;
    this.#wait(beginMs);
  }

  hear(told: Told): void {
    if (told.kind === 'begun') {
      this.#underWay = told.step;
      this.#done = false;
      this.#wait(told.ms + slackMs);
      return;
    }
    this.#done = this.#done || told.result.outcome === 'broken' || told.result.step === this.#underWay;
    this.#said(told.result);
  }

  ended(how: string): void {
    clearTimeout(this.#timer);
    if (this.#underWay === 'quiet' && !this.#done && !this.#hangs) {
      this.#said({ step: 'quiet', outcome: 'ok', detail: 'nothing stayed behind' });
      return;
    }
    if (this.#done) return;
    const detail = this.#hangs ? 'it holds up the whole process' : `the process ${how} in the middle of it`;
    const hint = this.#hangs
      ? 'Never wait in a loop: a gateway has one thread for all logins.'
      : 'A plugin never ends the process it runs in.';
    this.#said({ step: this.#underWay, outcome: 'broken', detail, hint });
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#hangs = true;
      this.#kill();
    }, ms);
  }
}
