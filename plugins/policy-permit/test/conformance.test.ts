import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { attempt, describePolicy, parseConfig, type PolicySetup } from '@postern/testkit';
import { permitPlugin } from '../src/index.js';

const runner = { describe, it, beforeAll, afterAll, beforeEach, afterEach };

const make =
  (input: unknown): PolicySetup['make'] =>
  (services) =>
    permitPlugin.create(parseConfig(permitPlugin, input), services);

describePolicy(runner, {
  name: 'permit by the config',
  make: make({ protocols: ['imap'], networks: ['192.0.2.0/24', '198.51.100.0/24'], notAfter: '2099-12-31', requireTls: true }),
  passing: () => attempt({ tls: {} }),
});

describePolicy(runner, {
  name: 'permit by attributes',
  make: make({
    protocols: 'attributes.protocols',
    networks: 'attributes.networks',
    notAfter: 'attributes.until',
    requireTls: 'attributes.tls',
  }),
});
