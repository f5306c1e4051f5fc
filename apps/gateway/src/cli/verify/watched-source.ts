import type { Plugin } from '@postern/contract';
import type { PluginSource } from '@postern/kernel';

/** Tells when a module has been imported: what comes after that is another step. */
export class WatchedSource implements PluginSource {
  readonly bundled: ReadonlyMap<string, Plugin>;
  readonly #source: PluginSource;
  readonly #imported: () => void;

  constructor(source: PluginSource, imported: () => void) {
    this.bundled = source.bundled;
    this.#source = source;
    this.#imported = imported;
  }

  async load(specifier: string, directory: string): Promise<unknown> {
    const module = await this.#source.load(specifier, directory);
    this.#imported();
    return module;
  }
}
