import type { Ask, CredentialStore, Heard, LedgerEvent, Verdict } from '@postern/contract';
import { attempt, fakeServices, parseConfig, type AttemptParts, type FakeServices, type PolicyUnderTest } from '@postern/testkit';
import { capturePlugin } from '@postern/policy-capture';
import { digestOf } from '../../src/captures.js';
import { MemoryStore } from './memory-store.js';

export const ann = 'ann@example.org';
/** Milliseconds. */
export const minute = 60_000;
export const never = new AbortController().signal;

/** Asks the stores in order as the chain does, and tells what they said. */
export const chainOf =
  (services: FakeServices, ...list: readonly (readonly [name: string, store: CredentialStore])[]): Ask =>
  async (login, signal) => {
    const heard: Heard[] = [];
    let last: Verdict = { kind: 'unknown-user' };
    for (const [store, { verify }] of list.map(([name, one]) => [name, { verify: one.verify.bind(one) }] as const)) {
      const verdict = await verify(login, signal);
      heard.push({ store, kind: verdict.kind });
      services.stores.tell(login, ...heard);
      if (verdict.kind === 'accepted' || verdict.kind === 'refused' || verdict.kind === 'rejected') return strongest(last, verdict);
      if (last.kind !== 'deferred') last = verdict;
    }
    return last;
  };

/** A rejection after an outage is no "no". */
const strongest = (before: Verdict, verdict: Verdict): Verdict =>
  before.kind === 'deferred' && verdict.kind === 'rejected' ? before : verdict;

export interface StageOptions {
  readonly config?: object;
  /** Which stores answer, in order; default: the old one alone. */
  readonly chain?: readonly ('staff' | 'customers')[];
  readonly services?: FakeServices;
  readonly staff?: MemoryStore;
  readonly customers?: MemoryStore;
}

/** An old store, a new one, and the policy around a chain of them. */
export class Stage {
  readonly services: FakeServices;
  readonly staff: MemoryStore;
  readonly customers: MemoryStore;
  readonly policy: PolicyUnderTest;
  readonly ask: Ask;

  private constructor({ config = {}, chain = ['staff'], services = fakeServices(), staff, customers }: StageOptions) {
    this.services = services;
    this.staff = staff ?? new MemoryStore();
    this.customers = customers ?? new MemoryStore();
    services.stores.put('staff', this.staff).put('customers', this.customers);
    const full = { from: 'staff', into: 'customers', scheme: 'ssha512', perSecond: 1000, ...config };
    this.policy = capturePlugin.create(parseConfig(capturePlugin, full), services);
    this.ask = this.policy.around(this.chain(...chain));
  }

  static async open(options: StageOptions = {}): Promise<Stage> {
    const stage = new Stage(options);
    stage.services.ledger.follow((event) => stage.remember(event));
    await stage.policy.start?.(never);
    return stage;
  }

  chain(...names: readonly ('staff' | 'customers')[]): Ask {
    return chainOf(this.services, ...names.map((name) => [name, this[name]] as const));
  }

  login(parts: AttemptParts = {}, ask = this.ask): Promise<Verdict> {
    return ask(attempt({ user: ann, password: 'right', ...parts }), never);
  }

  /** Lets everything happen that does not wait for anybody else. */
  async quiet(): Promise<void> {
    for (let turn = 0; turn < 40; turn += 1) await this.services.clock.step(1);
  }

  counted(outcome: string): number {
    return this.services.metrics.value('capture_total', { outcome });
  }

  turned(why: string): number {
    return this.services.metrics.value('capture_answers_total', { why });
  }

  /** What the ledger was told, without what the test itself noted. */
  noted(kind: string): readonly unknown[] {
    return this.services.ledger.noted.filter((event) => event.kind === kind);
  }

  /** As if the ledger had it from before. `ago`: milliseconds. */
  known(user: string, ago = 60_000): void {
    this.services.ledger.entries.set(user, {
      captured: { into: 'customers', at: this.services.clock.now() - ago, digest: digestOf(this.customers.users.get(user)?.hash ?? '') },
      disabledIn: [],
    });
  }

  /** As a ledger does, of what matters here. */
  remember(event: LedgerEvent): void {
    if (!('into' in event)) return;
    const { entries } = this.services.ledger;
    const { disabledIn = [], ...known } = entries.get(event.user) ?? {};
    const at = this.services.clock.now();
    const { into } = event;
    switch (event.kind) {
      case 'capturing':
        return void entries.set(event.user, { ...known, capturing: { into, at, digest: event.digest }, disabledIn });
      case 'captured':
        return void entries.set(event.user, { captured: { into, at: event.since ?? at, digest: event.digest }, disabledIn });
      case 'withdrawn':
        return void entries.set(event.user, { withdrawnAt: at, disabledIn });
      case 'capture-failed':
        if (event.why === 'conflict') delete (known as { capturing?: unknown }).capturing;
        return void entries.set(event.user, { ...known, disabledIn });
    }
  }

  async close(): Promise<void> {
    await this.policy.stop?.(never);
  }
}

export const plain = (password: string): string => `{PLAIN}${password}`;
