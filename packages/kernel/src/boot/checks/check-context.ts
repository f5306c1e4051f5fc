import type { ReadUse } from '../reading/plugin-list.js';
import type { ProblemList } from '../reading/problem-list.js';
import type { Sections } from '../reading/sections.js';

/** What the checks across sections look at. Whatever could not be read is absent, and no check guesses at it. */
export interface CheckContext {
  /** The file's content as it was written. */
  readonly data: unknown;
  readonly sections: Sections;
  readonly uses: readonly ReadUse[];
  readonly problems: ProblemList;
}
