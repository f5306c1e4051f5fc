import type { ConfigPlace, Inspection, Plugin } from '@postern/contract';
import type { ConfigError } from './config-error.js';
import { composeSchema } from './json-schema.js';
import type { PluginSource } from './plugin-source.js';
import { readPlugins } from './reading/plugin-list.js';
import { ProblemList } from './reading/problem-list.js';
import { scrubber, secretTexts, secretValues } from './secrets.js';

/** What reading a single entry of a plugin list gave. */
export interface EntryReading {
  /** In the order in which they were found; a path begins with `plugins[0]`. */
  readonly problems: readonly ConfigError[];
  /** Absent when none could be loaded. */
  readonly plugin: Plugin | undefined;
  /** What the plugin's schema made of `with`; absent when that is bad. */
  readonly parsed: { readonly options: unknown; readonly inspection: Inspection | undefined } | undefined;
  /** Takes the entry's secrets out of a text. */
  readonly scrub: (text: string) => string;
}

/** Reads one entry of a plugin list as a whole config would be read, for tools that look at a plugin alone. Never rejects. */
export const readEntry = async (entry: unknown, source: PluginSource, place: ConfigPlace): Promise<EntryReading> => {
  const problems = new ProblemList(() => undefined);
  const context = { source, place, schema: composeSchema(source.bundled), problems };
  const [use] = await readPlugins({ plugins: [entry] }, context);
  const scrub = scrubber([...secretValues(use?.parsed?.options), ...secretTexts(entry)]);
  return { problems: problems.sorted('', scrub), plugin: use?.plugin, parsed: use?.parsed, scrub };
};
