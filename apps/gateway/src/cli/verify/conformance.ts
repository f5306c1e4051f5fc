import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BackendRouter, CredentialStore, Lifecycle, Plugin, Policy, Services } from '@postern/contract';
import type * as testkitModule from '@postern/testkit';
import type { CollectedResult, CredentialStoreSetup, FakeServices, TestRunner } from '@postern/testkit';
import { causeText } from '@postern/kernel';
import type { Instance } from './made-up-question.js';
import type { Examples, PluginQuestion } from './question.js';
import { broken, ok, skipped, type Ending } from './stepper.js';

type Testkit = typeof testkitModule;

export interface Candidate {
  readonly plugin: Plugin;
  readonly options: unknown;
  readonly question: PluginQuestion;
}

/** Holds a plugin to the suite of its role, as far as it is known whom to try. */
export const conformance = async (candidate: Candidate): Promise<Ending> => {
  const testkit = await loadTestkit(candidate.question.directory);
  if (testkit === undefined) return skipped('@postern/testkit is not installed here', 'npm install --save-dev @postern/testkit');
  const runner = new testkit.CollectingRunner();
  const missing = tell(testkit, runner, candidate);
  return missing ?? judged(await runner.run());
};

/** The gateway's own, or the one beside the plugin: it is for development, and a gateway that only serves has none. */
const loadTestkit = async (directory: string): Promise<Testkit | undefined> => {
  try {
    return await import('@postern/testkit');
  } catch {
    return besidePlugin(directory);
  }
};

const besidePlugin = async (directory: string): Promise<Testkit | undefined> => {
  try {
    const file = createRequire(join(directory, 'postern.yaml')).resolve('@postern/testkit');
    return (await import(pathToFileURL(file).href)) as Testkit;
  } catch {
    return undefined;
  }
};

/** Tells the suite to the runner; gives an ending when too little is known. */
const tell = (testkit: Testkit, runner: TestRunner, { plugin, options, question }: Candidate): Ending | undefined => {
  const { examples, backends } = question;
  const make = (services: Services): Instance => plugin.create(options, services);
  const services = (): FakeServices => testkit.fakeServices({ backends: [...backends], clock: new testkit.LiveClock() });
  switch (plugin.role) {
    case 'policy': {
      const { passing, skip = {} } = examples;
      const login = passing === undefined ? {} : { passing: () => testkit.attempt(passing) };
      testkit.describePolicy(runner, { name: plugin.use, make: (given) => make(given) as Policy & Lifecycle, services, ...login, skip });
      return undefined;
    }
    case 'backend-router': {
      const { homeless, placed: [first, ...others] = [] } = examples;
      if (first === undefined) return skipped('no account is known that has a home', 'Name some under `placed:` in --examples FILE.');
      const without = homeless === undefined ? {} : { homeless };
      testkit.describeBackendRouter(runner, {
        make: () => make(services()) as BackendRouter & Lifecycle,
        backends,
        placed: [first, ...others],
        ...without,
      });
      return undefined;
    }
    case 'credential-store':
      if (examples.known === undefined) {
        return skipped('nobody is known who may log in', 'Give --known-user USER --password-stdin, or `known:` in --examples FILE.');
      }
      testkit.describeCredentialStore(
        runner,
        storeSetup(plugin.use, examples.known, examples, (given) => make(given) as CredentialStore & Lifecycle, services),
      );
      return undefined;
  }
};

const ownTests = "only the plugin's own tests can do that";
const notGiven = 'the examples name none';

const storeSetup = (
  name: string,
  known: NonNullable<Examples['known']>,
  examples: Examples,
  make: (services: Services) => CredentialStore & Lifecycle,
  services: () => FakeServices,
): CredentialStoreSetup => {
  const { unknown = 'postern-verify@nobody.invalid', disabled, many, afterStop, skip = {} } = examples;
  const given = { ...(disabled && { disabled }), ...(many && { many }), ...(afterStop && { afterStop }) };
  const left = {
    ...{ 'aborted-during': ownTests, outages: ownTests, 'failing-start': ownTests },
    ...(disabled === undefined && { disabled: notGiven }),
    ...(many === undefined && { concurrent: notGiven }),
    ...(make(services()).lookup === undefined && { lookup: 'it has no lookup' }),
  };
  return { name, make, services, known, unknown, ...given, skip: { ...left, ...skip } };
};

const judged = (results: readonly CollectedResult[]): Ending => {
  const count = (outcome: CollectedResult['outcome']): number => results.filter((result) => result.outcome === outcome).length;
  const [failed] = results.filter(({ outcome }) => outcome === 'failed');
  const said = `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
  if (failed === undefined) return ok(said);
  const failures = results.filter(({ outcome }) => outcome === 'failed').map(({ name, error }) => `${name}: ${causeText(error)}`);
  return broken([said, ...failures].join('\n'), 'Each line is a demand on its role that it does not meet; a test of its own shows more.');
};
