import type { ResolvedConfig } from '@postern/kernel';
import { viewOf, type MigrationView, type Wish } from '../migration/migration-view.js';
import { validConfig } from './config-file.js';
import { UsageError, type Shell } from './shell.js';

export interface Migration {
  readonly config: ResolvedConfig;
  readonly view: MigrationView;
}

/** Undefined after the errors of the config were told. Throws a `UsageError` when there is nothing to tell, or the ledger is silent. */
export const migrationOf = async (shell: Shell, file: string, wish: Wish): Promise<Migration | undefined> => {
  const config = await validConfig(shell, file);
  if (config === undefined) return undefined;
  const reading = await viewOf(config, wish).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : 'unknown trouble';
    throw new UsageError(`the ledger ${String(config.core.migration.ledger)} cannot be read: ${why}`, 'It is named in migration.ledger.');
  });
  if (reading.kind === 'unclear')
    throw new UsageError(`no migration can be seen: ${reading.why}`, 'docs/guides/ldap-to-sql.md tells how one begins.');
  return { config, view: reading.view };
};
