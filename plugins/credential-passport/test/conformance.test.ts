import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { type CredentialStoreSetup, describeCredentialStore } from '@postern/testkit';
import { make, strategyThat } from './support.js';

const runner = { describe, it, beforeAll, afterAll, beforeEach, afterEach };
const with_ =
  (input: Readonly<Record<string, unknown>>): CredentialStoreSetup['make'] =>
  (services) =>
    make(input, services);

const common = {
  known: { user: 'ann@example.org', password: 'Right-password-of-Ann' },
  unknown: 'nobody@example.org',
  many: Array.from({ length: 200 }, (_, index) => ({ user: `user-${index}@example.org`, password: `Secret-${index}-of-many` })),
  hanging: with_({ strategy: strategyThat(() => undefined) }),
  failingStart: with_({ strategy: './strategies/broken.mjs' }),
  outages: {
    'with an error': with_({ strategy: strategyThat((verbs) => verbs.error(new Error('ECONNREFUSED'))) }),
    'with an error that is none': with_({ strategy: strategyThat((verbs) => verbs.error()) }),
    'with a status': with_({ strategy: strategyThat((verbs) => verbs.fail('unavailable', 503)) }),
    'with a status alone': with_({ strategy: strategyThat((verbs) => verbs.fail(502)) }),
    throwing: with_({
      strategy: strategyThat((_, __, { password }) => {
        throw new Error(`no connection for ${password}`);
      }),
    }),
    rejecting: with_({ strategy: strategyThat((_, __, { password }) => Promise.reject(new Error(`no connection for ${password}`))) }),
    redirecting: with_({ strategy: strategyThat((verbs) => verbs.redirect('/login')) }),
    'passing on': with_({ strategy: strategyThat((verbs) => verbs.pass()) }),
  },
  skip: {
    disabled: 'strategies have no word for it',
    lookup: 'strategies have no word for it',
  },
} satisfies Partial<CredentialStoreSetup>;

describeCredentialStore(runner, { ...common, name: 'passport with passport-local', make: with_({ strategy: './strategies/people.mjs' }) });

describeCredentialStore(runner, { ...common, name: 'passport with passport-http', make: with_({ strategy: './strategies/basic.mjs' }) });
