import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { attempt, fakeServices, parseConfig, SteppableClock } from '@postern/testkit';
import { plugin } from '../src/index.js';

const signal = new AbortController().signal;
const accepts = ({ user }) => Promise.resolve({ kind: 'accepted', account: { user, attributes: {} } });

const verdictAt = async (hour, hours) => {
  const services = fakeServices({ clock: new SteppableClock(Date.UTC(2026, 0, 1, hour)) });
  const { kind } = await plugin.create(parseConfig(plugin, hours), services).around(accepts)(attempt(), signal);
  return kind;
};

describe('PLUGIN_NAME', () => {
  it('lets people in within the hours, and refuses them outside', async () => {
    assert.equal(await verdictAt(8, { from: 8, until: 18 }), 'accepted');
    assert.equal(await verdictAt(18, { from: 8, until: 18 }), 'refused');
  });

  it('knows hours that go over midnight', async () => {
    assert.equal(await verdictAt(23, { from: 22, until: 6 }), 'accepted');
    assert.equal(await verdictAt(12, { from: 22, until: 6 }), 'refused');
  });
});
