import { ConfigFailure, Generation, type ResolvedConfig } from '@postern/kernel';
import { problemsText } from './problems.js';
import type { Shell } from './shell.js';

export interface Passing<T> {
  readonly config: ResolvedConfig;
  readonly shell: Shell;
  /** Waits for each instance as long as its start may take. */
  readonly patient?: boolean;
  /** Called with the instances started. */
  readonly use: (generation: Generation) => Promise<T>;
}

/**
 * A generation for one command: made and started as a gateway does it, used, stopped. What its plugins would log goes nowhere. Undefined
 * after it was told what could not be made; the command ends with 2 then.
 */
export const passingGeneration = async <T>({ config, shell, patient = false, use }: Passing<T>): Promise<T | undefined> => {
  const { compose } = await import('../compose.js');
  const { clock, log, makeServices, resolver, state } = compose({ logStream: { write: () => undefined }, logLevel: 'silent' });
  try {
    await state.open(config.core);
    const generation = Generation.create(config, { clock, log, makeServices, resolver });
    try {
      await generation.start({ patient });
      return await use(generation);
    } finally {
      await generation.stop();
    }
  } catch (error) {
    if (!(error instanceof ConfigFailure)) throw error;
    shell.io.stderr.write(problemsText(error.problems));
    shell.end(2);
    return undefined;
  } finally {
    await state.close();
  }
};
