import type { Inspection, Plugin } from '@postern/contract';
import type { WhenConfig } from '../answer/condition.js';
import type { StepOverrides } from '../answer/seat.js';
import type { Position } from './reading/yaml-text.js';
import type { CoreConfig } from './schema/core-config.js';
import type { LimitsConfig } from './schema/limits.js';
import type { WrittenConfig } from './written-config.js';

/** One entry of the plugin list, checked: its plugin is loaded and its `with` parsed and bound. */
export interface ResolvedUse {
  /** The instance's name: `as`, or the value of `use`. */
  readonly name: string;
  readonly use: string;
  /** Place in the plugin list, from 0. */
  readonly index: number;
  /** Where the entry stands in the file. */
  readonly position: Position | undefined;
  readonly plugin: Plugin;
  /** `off`: checked like the others, but no instance is made of it. `shadow`: asked after the answer, to compare. */
  readonly mode: 'answer' | 'shadow' | 'off';
  readonly when: WhenConfig | undefined;
  readonly on: StepOverrides;
  /** As it is configured; a store without has the defaults, the others have none. */
  readonly limits: LimitsConfig | undefined;
  /** What the plugin's schema made of `with`. */
  readonly options: unknown;
  readonly inspection: Inspection;
}

/** A config without errors: everything a generation is made from. */
export interface ResolvedConfig {
  /** Absolute path of the config file. */
  readonly file: string;
  readonly core: CoreConfig;
  readonly plugins: readonly ResolvedUse[];
  /** What `effectiveConfig` is made from. */
  readonly written: WrittenConfig;
}
