import { definePlugin } from '@postern/contract';
import { z } from 'zod';
import { Hours } from './hours.js';

const hour = z.int().min(0).max(24);

/** What stands under `with`. Strict, so that a mistyped key stops the start; described, so that `postern schema` can tell. */
const Config = z.strictObject({
  from: hour.prefault(0).describe('The hour (UTC) from which people are let in.'),
  until: hour.prefault(24).describe('The hour (UTC) from which they no longer are.'),
});

export const plugin = definePlugin({
  apiVersion: 1,
  role: 'policy',
  use: 'PLUGIN_NAME',
  config: Config,
  create: (config, services) => new Hours(config, services),
});
