import type { Plugin } from '@postern/contract';
import { staticPlugin } from '@postern/credential-static';
import { domainPlugin } from '@postern/router-domain';
import { hashPlugin } from '@postern/router-hash';
import { tablePlugin } from '@postern/router-table';

/** Every plugin that comes with the gateway, one line each; its `use` is the word in the config. */
const all: readonly Plugin[] = [staticPlugin, hashPlugin, tablePlugin, domainPlugin];

export const bundledPlugins: ReadonlyMap<string, Plugin> = new Map(all.map((plugin) => [plugin.use, plugin]));
