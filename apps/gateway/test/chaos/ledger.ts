import { answerKinds, type AnswerKind, type Experience, type Way } from './login.js';
import { violationKinds, type Model, type Violation, type ViolationKind } from './model.js';
import { truths, type Truth } from './passwords.js';

/** Counts every answer, and keeps what must never be seen. */
export class Ledger {
  readonly #model: Model;
  readonly #counts = new Map<string, number>();
  readonly #violations: Violation[] = [];
  #tried = 0;
  #idle = 0;
  #slowestMs = 0;

  constructor(model: Model) {
    this.#model = model;
  }

  get tried(): number {
    return this.#tried;
  }

  get violations(): readonly Violation[] {
    return this.#violations;
  }

  /** Right passwords that were put off although nothing they need was out. */
  get idle(): number {
    return this.#idle;
  }

  /** The longest time that the door took for an answer while the gateway was there, in milliseconds. */
  get slowestMs(): number {
    return this.#slowestMs;
  }

  note(experience: Experience): void {
    const { login, answer, from, to } = experience;
    this.#tried += 1;
    const key = keyOf(login.way, this.#model.truth(experience), answer.kind);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    if (login.way === 'door' && this.#model.isCarried(experience)) {
      this.#slowestMs = Math.max(this.#slowestMs, to - from);
    }
    const { violation, idle } = this.#model.judge(experience);
    if (idle) this.#idle += 1;
    if (violation !== undefined) this.#violations.push(violation);
  }

  accuse(kind: ViolationKind, text: string): void {
    this.#violations.push({ kind, text });
  }

  count(way: Way, truth: Truth, kind: AnswerKind): number {
    return this.#counts.get(keyOf(way, truth, kind)) ?? 0;
  }

  /** Kinds of answers that came at all, in the usual order. */
  get kinds(): readonly AnswerKind[] {
    return answerKinds.filter((kind) =>
      (['door', 'nginx'] as const).some((way) => truths.some((truth) => this.count(way, truth, kind) > 0)),
    );
  }

  /** How often each violation was seen. */
  get sins(): readonly (readonly [ViolationKind, number])[] {
    return violationKinds
      .map((kind) => [kind, this.#violations.filter((each) => each.kind === kind).length] as const)
      .filter(([, times]) => times > 0);
  }
}

const keyOf = (way: Way, truth: Truth, kind: AnswerKind): string => `${way} ${truth} ${kind}`;
