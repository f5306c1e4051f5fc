import { missingRequirements, type Requirement } from './requirements.js';

/** What a server suite needs of a test runner; Jest's globals and Vitest's fit. */
export interface ServerSuiteRunner {
  readonly describe: {
    (name: string, body: () => void): void;
    skip(name: string, body: () => void): void;
  };
  it(name: string, body: () => void): void;
}

/** Handed in by tests of this very function. */
export interface SuiteSurroundings {
  readonly missing: readonly Requirement[];
  readonly ci: boolean;
  readonly say: (text: string) => void;
}

const surroundings = (): SuiteSurroundings => ({
  missing: missingRequirements(),
  ci: process.env['CI'] === 'true',
  say: (text) => process.stderr.write(`${text}\n`),
});

/**
 * A suite that needs real servers. Where some are missing its tests are told as skipped, and the reason is printed;
 * with `CI=true` a test fails on top, so that nobody takes a machine without servers for a proof.
 */
export const describeWithServers = (
  runner: ServerSuiteRunner,
  name: string,
  body: () => void,
  { missing, ci, say }: SuiteSurroundings = surroundings(),
): void => {
  if (missing.length === 0) {
    runner.describe(name, body);
    return;
  }
  const packages = missing.map((each) => `${each.name} (Debian package ${each.package})`).join(', ');
  say(`skipped: ${name}: missing ${packages}`);
  // The reason: without these servers there is nothing to ask. On a machine that must have them (`CI=true`) that is a failure, below.
  runner.describe.skip(`${name} [skipped: missing ${packages}]`, body);
  if (!ci) return;
  runner.it(`${name}: every server is there`, () => {
    throw new Error(`CI=true and missing: ${packages}`);
  });
};
