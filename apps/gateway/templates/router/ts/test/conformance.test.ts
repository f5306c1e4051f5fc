import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { describeBackendRouter, fakeServices, parseConfig } from '@postern/testkit';
import { plugin } from '../src/index.js';

const backends = ['mail-a', 'mail-b'];

describeBackendRouter(
  { describe, it, beforeAll: before, afterAll: after, beforeEach, afterEach },
  {
    make: () => plugin.create(parseConfig(plugin, { homes: { sales: 'mail-a', support: 'mail-b' } }), fakeServices({ backends })),
    backends,
    placed: [
      { user: 'ann@example.org', attributes: { team: 'sales' } },
      { user: 'ben@example.org', attributes: { team: 'support' } },
    ],
    homeless: { user: 'cleo@example.org', attributes: {} },
    // A router that asks a server gives `outage`, too: the same router, cut off from it.
  },
);
