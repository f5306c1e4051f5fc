import type { CredentialStore, Plugin, PasswordHash, Account, Enrolled } from '@postern/contract';
import type { Generation, ResolvedConfig, ResolvedUse } from '@postern/kernel';
import { passingGeneration } from '../passing-generation.js';
import { UsageError, type Shell } from '../shell.js';

/** The store that an import writes into, running. */
export interface TargetStore {
  /** Whether the store has this user already; undefined when it cannot say. */
  knows(user: string, signal: AbortSignal): Promise<boolean | undefined>;
  enroll(account: Account, password: PasswordHash, signal: AbortSignal): Promise<Enrolled>;
}

/** Undefined: it was told why there is no store, and the command has ended. */
export type WithTarget = <T>(run: (store: TargetStore) => Promise<T>) => Promise<T | undefined>;

/** The instance as production makes it: the kernel's config, limits, start and stop, and nothing else of the plugin list. */
export const targetStore = (config: ResolvedConfig, into: string, shell: Shell): WithTarget => {
  const use = useNamed(config, into);
  return (run) => {
    const made = new MadeStore();
    return passingGeneration({
      config: alone(config, use, made),
      shell,
      patient: true,
      use: async (generation) => run(await writable(generation, made, into)),
    });
  };
};

const useNamed = ({ plugins }: ResolvedConfig, into: string): ResolvedUse => {
  const use = plugins.find(({ name }) => name === into);
  const stores = plugins.filter(({ plugin }) => plugin.role === 'credential-store').map(({ name }) => name);
  if (use === undefined) throw new UsageError(`there is no instance called "${into}"`, `Stores of this config: ${stores.join(', ')}.`);
  if (use.mode === 'off')
    throw new UsageError(`the store "${into}" is switched off, so nothing is known of its options`, 'Switch it on first.');
  if (use.plugin.role === 'credential-store') return use;
  throw new UsageError(`"${into}" is a ${use.plugin.role} and keeps no users`, `Stores of this config: ${stores.join(', ')}.`);
};

/** Keeps hold of the instance that the generation makes. */
class MadeStore {
  store: CredentialStore | undefined;

  watched(plugin: Plugin): Plugin {
    return {
      ...plugin,
      create: (options, services) => {
        const made = plugin.create(options, services);
        this.store = made as CredentialStore;
        return made;
      },
    };
  }
}

/** Also one that does not answer logins yet: filling it comes first. */
const alone = (config: ResolvedConfig, use: ResolvedUse, made: MadeStore): ResolvedConfig => ({
  ...config,
  core: { ...config.core, backends: {} },
  plugins: [{ ...use, mode: 'answer', plugin: made.watched(use.plugin) }],
});

const writable = async (generation: Generation, { store }: MadeStore, into: string): Promise<TargetStore> => {
  if (store?.enroll === undefined)
    throw new UsageError(
      `the store "${into}" cannot keep hashes as it is configured`,
      'A store `sql` needs the option enroll; see docs/stores/sql.md.',
    );
  if (generation.notStarted.length > 0) {
    const note = (await generation.health()).instances[into]?.note;
    throw new UsageError(
      `the store "${into}" did not start${note === undefined ? '' : `: ${note}`}`,
      'Mend that and run the import again.',
    );
  }
  return { knows: (user, signal) => knows(store, user, signal), enroll: store.enroll.bind(store) };
};

const knows = async (store: CredentialStore, user: string, signal: AbortSignal): Promise<boolean | undefined> => {
  if (store.kept !== undefined) {
    const { kind } = await store.kept(user, signal);
    return kind === 'deferred' ? undefined : kind === 'kept';
  }
  const found = await store.lookup?.(user, signal);
  return found === undefined || found.kind === 'deferred' ? undefined : found.kind !== 'unknown-user';
};
