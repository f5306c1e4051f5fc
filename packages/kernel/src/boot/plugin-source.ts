import type { Plugin } from '@postern/contract';

/** Where plugins come from. */
export interface PluginSource {
  /** By the word in `use`. */
  readonly bundled: ReadonlyMap<string, Plugin>;
  /**
   * Everything else: gives the module's exports. `specifier` is an npm package's name or a path that starts with `./`, `../`
   * or `/`; `directory` is the config file's. Throws `PluginLoadError`.
   */
  load(specifier: string, directory: string): Promise<unknown>;
}

/** What broke while a plugin was brought in; later steps (`apiVersion`, `shape`, `config`) have codes of their own. */
export type LoadStep = 'resolve' | 'import';

export class PluginLoadError extends Error {
  override readonly name = 'PluginLoadError';
  readonly step: LoadStep;
  readonly hint: string;

  constructor(step: LoadStep, message: string, hint: string, cause?: unknown) {
    super(message, { cause });
    this.step = step;
    this.hint = hint;
  }
}
