import type { CredentialStore, Lifecycle } from '@postern/contract';
import type { FakeServices } from '../fakes/fake-services.js';
import type { TestRunner } from '../runner.js';
import { skipped } from './skipped.js';
import { answerCases } from './store-cases/answers.js';
import { hostileCases } from './store-cases/hostile.js';
import { keepingCases } from './store-cases/keeping.js';
import { lifeCases } from './store-cases/life.js';
import type { StoreCase, StoreCaseId } from './store-cases/store-case.js';

export type StoreUnderTest = CredentialStore & Lifecycle;

export interface Login {
  /** Canonical, as the host hands it over. */
  readonly user: string;
  readonly password: string;
}

export interface CredentialStoreSetup {
  /** What the store is called in the titles. */
  readonly name: string;
  /** A fresh store on these services, created and not started. Called for every case. */
  readonly make: (services: FakeServices) => StoreUnderTest | Promise<StoreUnderTest>;
  /** Default: fresh fakes. */
  readonly services?: () => FakeServices;
  readonly known: Login;
  /** A password that is not the known user's. Default: a sentence. */
  readonly wrong?: string;
  /** A user that the store does not have. */
  readonly unknown: string;
  /** A user who may not log in although the password is right. */
  readonly disabled?: Login;
  /** At least 50 different users, each with another password. */
  readonly many?: readonly Login[];
  /** For a store that keeps hashes (`enroll`). `fresh`: at least four users whom it knows and who have no hash, used up by the cases. */
  readonly keeps?: { readonly fresh: readonly string[] };
  /** How often the backend behind the store was asked so far. Absent for stores without one. */
  readonly asked?: () => number;
  /** A store whose backend never answers. */
  readonly hanging?: CredentialStoreSetup['make'];
  /** Stores whose backend cannot be used, by how: refused, dropped in the middle, garbage … */
  readonly outages?: Readonly<Record<string, CredentialStoreSetup['make']>>;
  /** A store whose `start` fails. */
  readonly failingStart?: CredentialStoreSetup['make'];
  /** What it does when asked after `stop`. Default: `deferred`. */
  readonly afterStop?: 'deferred' | 'answers';
  /** Cases that do not concern this store, each with the reason in words. */
  readonly skip?: Readonly<Partial<Record<StoreCaseId, string>>>;
}

const cases: readonly StoreCase[] = [...answerCases, ...hostileCases, ...lifeCases, ...keepingCases];

/**
 * What every credential store must hold. A case whose part of the set-up is missing fails and says so, unless `skip`
 * gives the reason why it does not concern the store.
 */
export const describeCredentialStore = (runner: TestRunner, setup: CredentialStoreSetup): void => {
  runner.describe(`${setup.name}, as every credential store,`, () => {
    for (const { id, title, run } of cases) {
      const reason = setup.skip?.[id];
      if (reason === undefined) runner.it(title, () => run(setup));
      else skipped(runner, title, reason);
    }
  });
};
