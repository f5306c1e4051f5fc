import type { TestRunner } from '../runner.js';

/** Tells a case that does not concern what is tested. `reason` is in words and stands in the report beside the title. */
export const skipped = ({ it }: Pick<TestRunner, 'it'>, title: string, reason: string): void =>
  // The only place where a case of a suite is left out: the set-up has said why.
  it.skip(`${title} (skipped: ${reason})`, () => undefined);
