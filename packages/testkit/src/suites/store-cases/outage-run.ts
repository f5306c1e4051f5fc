import assert from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Verdict, VerdictKind } from '@postern/contract';
import { attempt } from '../../fakes/attempt.js';
import type { StoreUnderTest } from '../credential-store.js';
import type { OutageScene } from '../store-outage.js';
import { defaultWrong } from './opened-store.js';

/** Above what any store may need to notice that its signal aborted, on a busy machine. */
const slackMs = 1500;
const usualRecoveryMs = 15_000;
const atOnce = 12;

/** One store through one outage. */
export class OutageRun {
  readonly #scene: OutageScene;
  readonly #store: StoreUnderTest;
  readonly #life = new AbortController();

  private constructor(scene: OutageScene, store: StoreUnderTest) {
    this.#scene = scene;
    this.#store = store;
  }

  /** Makes the store, runs the body, stops the store, and looks for what it left open. */
  static async within(scene: OutageScene, body: (run: OutageRun) => Promise<void>): Promise<void> {
    const run = new OutageRun(scene, await scene.setup.make(scene.proxy.endpoint, scene.services));
    try {
      await body(run);
    } finally {
      await run.#stop();
    }
    await run.#expectNothingLeft();
  }

  /** As the host does it: a start that fails is no catastrophe. */
  async start(): Promise<void> {
    await this.#store.start?.(AbortSignal.timeout(this.#scene.setup.timeoutMs)).catch(() => undefined);
  }

  /** Several logins at once and one after the other, with the right password and with a wrong one. */
  async expectAll(right: readonly VerdictKind[], wrong: readonly VerdictKind[]): Promise<void> {
    const { user, password } = this.#scene.setup.good;
    const expectOne = async (given: string, kinds: readonly VerdictKind[]): Promise<void> => {
      const { kind } = await this.#ask(user, given);
      const what = given === password ? 'the right password' : 'a wrong password';
      assert.ok(kinds.includes(kind), `${what} was ${kind}, expected ${kinds.join(' or ')}`);
    };
    await expectOne(password, right);
    await expectOne(defaultWrong, wrong);
    const many = Array.from({ length: atOnce }, (_, index) =>
      index % 2 === 0 ? expectOne(password, right) : expectOne(defaultWrong, wrong),
    );
    await Promise.all(many);
  }

  /** Logs in again and again, as people do; a store that is coming back may still defer, and must not say anything else. */
  async untilAccepted(): Promise<void> {
    const { good, recoveryMs = usualRecoveryMs } = this.#scene.setup;
    const { user, password } = good;
    const deadline = performance.now() + recoveryMs;
    for (;;) {
      const verdict = await this.#ask(user, password);
      if (verdict.kind === 'accepted') return;
      assert.equal(verdict.kind, 'deferred', 'the right password, while recovering');
      if (performance.now() > deadline) throw new assert.AssertionError({ message: `it did not recover: ${String(verdict.cause)}` });
      await this.#startAgain();
      await pause(20);
    }
  }

  async expectNotUp(): Promise<void> {
    const health = await this.#store.health?.(this.#life.signal);
    if (health === undefined) return;
    assert.notEqual(health.status, 'up', 'its health says up although nobody can log in');
    assert.ok(!(health.note ?? '').includes(this.#scene.setup.good.password), 'a password stands in its health');
  }

  /** Many logins whose clients hang up at once. */
  async giveUp(count: number): Promise<void> {
    const { user, password } = this.#scene.setup.good;
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    const asked = Array.from({ length: count }, () => this.#ask(user, password, controller.signal));
    await pause(5);
    controller.abort(new Error('given up'));
    for (const { kind } of await Promise.all(asked)) assert.equal(kind, 'deferred');
  }

  /** The host starts an instance that is down again, with back-off; here without. */
  async #startAgain(): Promise<void> {
    const health = await this.#store.health?.(this.#life.signal);
    if (health?.status === 'down') await this.start();
  }

  /** One login with the host's deadline; whatever is thrown counts as deferred. */
  async #ask(user: string, password: string, signal?: AbortSignal): Promise<Verdict> {
    const { timeoutMs } = this.#scene.setup;
    const tooLate = new AbortController();
    const late = pause(timeoutMs + slackMs, undefined, { signal: tooLate.signal }).then(() => {
      throw new assert.AssertionError({ message: 'a login was not answered inside its deadline' });
    });
    const asked = this.#store.verify(attempt({ user, password }), signal ?? AbortSignal.timeout(timeoutMs));
    try {
      return await Promise.race([asked.catch((cause: unknown): Verdict => ({ kind: 'deferred', cause })), late]);
    } finally {
      tooLate.abort();
      late.catch(() => undefined);
    }
  }

  async #stop(): Promise<void> {
    const stopped = this.#store.stop?.(AbortSignal.timeout(this.#scene.setup.timeoutMs));
    if (stopped !== undefined) await stopped;
    this.#life.abort();
  }

  async #expectNothingLeft(): Promise<void> {
    const { proxy, services } = this.#scene;
    const deadline = performance.now() + slackMs;
    while ((proxy.open > 0 || services.clock.pending > 0) && performance.now() < deadline) await pause(5);
    assert.equal(proxy.open, 0, 'connections were left open after stop');
    assert.equal(services.clock.pending, 0, 'timers were left set after stop');
    assert.ok(!services.log.text().includes(this.#scene.setup.good.password), 'a password stands in the log');
  }
}
