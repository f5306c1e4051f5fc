import { ConfigFailure, Generation, type ConfigError, type ResolvedConfig } from '@postern/kernel';

/**
 * What a store can do shows only once it is made, so where one asks another all instances are made, too. Nothing is opened.
 */
export const makingProblems = async (config: ResolvedConfig): Promise<readonly ConfigError[]> => {
  const oneAsksAnother = config.plugins.some(({ inspection }) => inspection.stores?.some(({ needs }) => needs.length > 0));
  return oneAsksAnother ? allMakingProblems(config) : [];
};

/** What cannot be made of a config. Nothing is opened. */
export const allMakingProblems = async (config: ResolvedConfig): Promise<readonly ConfigError[]> => {
  const { compose } = await import('../compose.js');
  const { clock, log, makeServices, resolver } = compose({ logStream: { write: () => undefined }, logLevel: 'silent' });
  try {
    Generation.create(config, { clock, log, makeServices, resolver });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigFailure)) throw error;
    return error.problems;
  }
};
