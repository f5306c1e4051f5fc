import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { attempt, fakeServices, parseConfig } from '@postern/testkit';
import { plugin } from '../src/index.js';

const signal = new AbortController().signal;

describe('PLUGIN_NAME', () => {
  it('hands the team of a person to the routers', async () => {
    const config = parseConfig(plugin, { people: [{ user: 'ann@example.org', password: 'right', team: 'sales' }] });
    const verdict = await plugin.create(config, fakeServices()).verify(attempt({ user: 'ann@example.org', password: 'right' }), signal);
    assert.deepEqual(verdict, { kind: 'accepted', account: { user: 'ann@example.org', attributes: { team: 'sales' } } });
  });

  it('does not start with a mistyped option', () => {
    assert.throws(() => parseConfig(plugin, { poeple: [] }), /poeple/);
  });
});
