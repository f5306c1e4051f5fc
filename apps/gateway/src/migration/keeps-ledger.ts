import type { ResolvedConfig } from '@postern/kernel';
import { listOf } from './migration-list.js';

/** Whether anything in the list writes into the book: a store in the shadow, or a policy that captures. */
export const keepsLedger = (config: ResolvedConfig): boolean =>
  listOf(config).some(({ role, mode, capture }) => capture !== undefined || (role === 'credential-store' && mode === 'shadow')) ||
  config.plugins.some(({ inspection }) => inspection.keepsLedger === true);
