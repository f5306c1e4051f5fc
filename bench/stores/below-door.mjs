// A store by itself: no door, no kernel, no router.
import { setMaxListeners } from 'node:events';
import { ldapPlugin } from '@postern/credential-ldap';
import { sqlPlugin } from '@postern/credential-sql';
import { attempt, fakeServices, LiveClock, parseConfig } from '@postern/testkit';
import { password, serve } from './loop.mjs';

const plugins = { ldap: ldapPlugin, sql: sqlPlugin };

serve(async ({ use, settings, concurrency }) => {
  const plugin = plugins[use];
  const store = plugin.create(parseConfig(plugin, settings), fakeServices({ clock: new LiveClock() }));
  // One for all, as the kernel shares its deadlines.
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  await store.start(signal);
  const ask = async (user) => {
    const verdict = await store.verify(attempt({ user, password }), signal);
    if (verdict.kind !== 'accepted') throw new Error(`${user} is ${verdict.kind}: ${verdict.cause?.message ?? ''}`);
  };
  return Array.from({ length: concurrency }, () => ask);
});
