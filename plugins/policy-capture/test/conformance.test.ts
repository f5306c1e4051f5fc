import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { attempt, describePolicy, fakeServices, parseConfig, type FakeServices, type PolicySetup } from '@postern/testkit';
import { capturePlugin } from '../src/index.js';
import { MemoryStore } from './support/memory-store.js';

const runner = { describe, it, beforeAll, afterAll, beforeEach, afterEach };

const make: PolicySetup['make'] = (services) =>
  capturePlugin.create(parseConfig(capturePlugin, { from: 'staff', into: 'customers', scheme: 'ssha512' }), services);

const withStores = (): FakeServices => {
  const services = fakeServices();
  services.stores.put('staff', new MemoryStore()).put('customers', new MemoryStore());
  return services;
};

describePolicy(runner, { name: 'capture around answers from memory', make, services: withStores });

// Every attempt has been answered by the old store; `heard` knows attempts by their ids.
describePolicy(runner, {
  name: 'capture around answers of a store',
  make,
  services: () => {
    const services = withStores();
    services.stores.tell(attempt({ id: 'heard' }), { store: 'staff', kind: 'accepted' });
    return services;
  },
  passing: () => attempt({ id: 'heard' }),
});
