import type { Plugin } from '@postern/contract';
import { sqlPlugin } from '@postern/credential-sql';
import { imapPlugin } from '@postern/credential-imap';
import { ldapPlugin } from '@postern/credential-ldap';
import { passportPlugin } from '@postern/credential-passport';
import { staticPlugin } from '@postern/credential-static';
import { cachePlugin } from '@postern/policy-cache';
import { capturePlugin } from '@postern/policy-capture';
import { permitPlugin } from '@postern/policy-permit';
import { throttlePlugin } from '@postern/policy-throttle';
import { domainPlugin } from '@postern/router-domain';
import { hashPlugin } from '@postern/router-hash';
import { tablePlugin } from '@postern/router-table';

/** Every plugin that comes with the gateway, one line each; its `use` is the word in the config. */
const all: readonly Plugin[] = [
  staticPlugin,
  ldapPlugin,
  sqlPlugin,
  hashPlugin,
  tablePlugin,
  domainPlugin,
  imapPlugin,
  passportPlugin,
  permitPlugin,
  capturePlugin,
  throttlePlugin,
  cachePlugin,
];

export const bundledPlugins: ReadonlyMap<string, Plugin> = new Map(all.map((plugin) => [plugin.use, plugin]));
