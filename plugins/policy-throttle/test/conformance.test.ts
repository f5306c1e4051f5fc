import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { describePolicy, parseConfig } from '@postern/testkit';
import { throttlePlugin } from '../src/index.js';

const runner = { describe, it, beforeAll, afterAll, beforeEach, afterEach };

for (const [name, input] of Object.entries({
  throttle: {},
  'throttle with a guard': { guard: {} },
  'throttle in log-only mode': { mode: 'log', guard: {}, secret: 'of the deployment' },
  'throttle for a trusted network': { trusted: ['192.0.2.0/24', '198.51.100.0/24'] },
})) {
  describePolicy(runner, { name, make: (services) => throttlePlugin.create(parseConfig(throttlePlugin, input), services) });
}
