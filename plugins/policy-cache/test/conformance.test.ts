import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { describePolicy, parseConfig, type PolicySetup } from '@postern/testkit';
import { cachePlugin } from '../src/index.js';

const runner = { describe, it, beforeAll, afterAll, beforeEach, afterEach };

const make =
  (input: unknown): PolicySetup['make'] =>
  (services) =>
    cachePlugin.create(parseConfig(cachePlugin, input), services);

describePolicy(runner, { name: 'cache', make: make({}) });
describePolicy(runner, { name: 'cache that serves stale answers', make: make({ staleFor: '1h', perAddress: false }) });
describePolicy(runner, { name: 'cache that remembers no no', make: make({ negativeTtl: '0s', maxEntries: 16 }) });
