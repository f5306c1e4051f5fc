import type { Lifecycle, LoginAttempt, Policy } from '@postern/contract';
import type { FakeServices } from '../fakes/fake-services.js';
import type { TestRunner } from '../runner.js';
import { policyCases, type PolicyCaseId } from './policy-cases.js';
import { skipped } from './skipped.js';

export type PolicyUnderTest = Policy & Lifecycle;

export interface PolicySetup {
  /** What the policy is called in the titles. */
  readonly name: string;
  /** A fresh policy on these services, created and not started. Called for every case. */
  readonly make: (services: FakeServices) => PolicyUnderTest | Promise<PolicyUnderTest>;
  /** Default: fresh fakes. */
  readonly services?: () => FakeServices;
  /** An attempt that a fresh policy lets pass to `next`. Default: an ordinary IMAP login. */
  readonly passing?: () => LoginAttempt;
  /** Cases that do not concern this policy, each with the reason in words. */
  readonly skip?: Readonly<Partial<Record<PolicyCaseId, string>>>;
}

/** What every policy must hold: it wraps the asking, and never makes a "no" out of a "cannot tell". */
export const describePolicy = (runner: TestRunner, setup: PolicySetup): void => {
  runner.describe(`${setup.name}, as every policy,`, () => {
    for (const { id, title, run } of policyCases) {
      const reason = setup.skip?.[id];
      if (reason === undefined) runner.it(title, () => run(setup));
      else skipped(runner, title, reason);
    }
  });
};
