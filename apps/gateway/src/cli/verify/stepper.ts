import { causeText } from '@postern/kernel';
import type { Step, StepResult, Tell } from './step.js';

/** How a step's work ended; a thrown error is `broken`. */
export type Ending = Omit<StepResult, 'step'>;

export const ok = (detail: string): Ending => ({ outcome: 'ok', detail });
export const broken = (detail: string, hint: string): Ending => ({ outcome: 'broken', detail, hint });
export const skipped = (detail: string, hint: string): Ending => ({ outcome: 'skipped', detail, hint });

/** Runs steps one after the other and tells of each. */
export class Stepper {
  readonly #tell: Tell;
  readonly #patienceMs: number;
  /** Takes secrets out of a text; known once the options are. */
  scrub: (text: string) => string = String;
  #allOk = true;
  #current: Step = 'resolve';

  constructor(tell: Tell, patienceMs: number) {
    this.#tell = tell;
    this.#patienceMs = patienceMs;
  }

  /** Whether nothing broke so far. */
  get allOk(): boolean {
    return this.#allOk;
  }

  begin(step: Step, ms = this.#patienceMs): void {
    this.#current = step;
    this.#tell({ kind: 'begun', step, ms });
  }

  /** Something was thrown where nobody waits for it. */
  stray(cause: unknown): void {
    const detail = `it threw outside of any answer: ${causeText(cause)}`;
    this.end(this.#current, broken(detail, 'Handle the rejections and the `error` events of what the plugin opens.'));
  }

  end(step: Step, ending: Ending): void {
    const { detail, hint, outcome } = ending;
    const words = { detail: this.scrub(detail), ...(hint === undefined ? {} : { hint: this.scrub(hint) }) };
    if (outcome === 'broken') this.#allOk = false;
    this.#tell({ kind: 'done', result: { step, outcome, ...words } });
  }

  /** True when it did not break. `hint`: what to do if it throws. */
  async run(step: Step, hint: string, work: (signal: AbortSignal) => Ending | Promise<Ending>, ms = this.#patienceMs): Promise<boolean> {
    this.begin(step, ms);
    const ending = await this.#ending(hint, work, ms);
    this.end(step, ending);
    return ending.outcome !== 'broken';
  }

  async #ending(hint: string, work: (signal: AbortSignal) => Ending | Promise<Ending>, ms: number): Promise<Ending> {
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Ending>((resolve) => {
      const hanging = broken(`it did not end within ${ms} ms`, 'Give up when the signal aborts, and give what it waits for a time-out.');
      timer = setTimeout(() => resolve(hanging), ms);
    });
    try {
      return await Promise.race([(async () => work(abort.signal))(), late]);
    } catch (cause) {
      return broken(`it threw: ${causeText(cause)}`, hint);
    } finally {
      clearTimeout(timer);
      abort.abort(new Error('its time is over'));
    }
  }
}
