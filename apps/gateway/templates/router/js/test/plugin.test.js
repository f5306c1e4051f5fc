import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { attempt, fakeServices, parseConfig } from '@postern/testkit';
import { plugin } from '../src/index.js';

const signal = new AbortController().signal;

describe('PLUGIN_NAME', () => {
  it('goes by another attribute where the config says so', async () => {
    const config = parseConfig(plugin, { attribute: 'site', homes: { north: 'mail-a' } });
    const router = plugin.create(config, fakeServices({ backends: ['mail-a'] }));
    const ann = { user: 'ann@example.org', attributes: { site: 'north' } };
    assert.deepEqual(await router.locate(ann, attempt(), signal), { kind: 'placed', backends: [{ kind: 'named', name: 'mail-a' }] });
  });

  it('tells the gateway which backends it names', () => {
    assert.deepEqual(plugin.inspect?.(parseConfig(plugin, { homes: { sales: 'mail-a' } })).backends, [
      { name: 'mail-a', path: ['homes', 'sales'] },
    ]);
  });
});
