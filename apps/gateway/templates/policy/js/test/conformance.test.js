import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { describePolicy, parseConfig } from '@postern/testkit';
import { plugin } from '../src/index.js';

describePolicy(
  { describe, it, beforeAll: before, afterAll: after, beforeEach, afterEach },
  {
    name: 'PLUGIN_NAME',
    make: (services) => plugin.create(parseConfig(plugin, {}), services),
  },
);
