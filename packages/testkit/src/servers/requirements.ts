import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program or file that the tests with real servers need, and the Debian package that brings it. */
export interface Requirement {
  /** For people. */
  readonly name: string;
  /** Debian's package. */
  readonly package: string;
  /** Found on the PATH or in one of the folders for system programs. */
  readonly program?: string;
  /** One of these files is enough. */
  readonly files?: readonly string[];
}

/** `servers.json` beside `package.json`: plain data, so that a script without a compiler can provision from it. */
const listed = new URL('../../servers.json', import.meta.url);

// Debian keeps servers where a plain user's PATH does not look.
const systemFolders = ['/usr/sbin', '/usr/local/sbin', '/sbin'];

const allows = (path: string, mode: number): boolean => {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
};

/** Everything the harness needs on this machine, whether or not it is there. */
export const requirements = (): readonly Requirement[] => JSON.parse(readFileSync(listed, 'utf8')) as readonly Requirement[];

/** The full path of a program, or undefined. */
export const findProgram = (name: string): string | undefined => {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''), ...systemFolders];
  return folders.map((folder) => join(folder, name)).find((path) => allows(path, constants.X_OK));
};

/** The first of a requirement's files that exists, or its program's path. */
export const findRequirement = (requirement: Requirement): string | undefined =>
  requirement.program === undefined ? requirement.files?.find((path) => allows(path, constants.R_OK)) : findProgram(requirement.program);

/** What is missing on this machine; empty when every suite can run. */
export const missingRequirements = (): readonly Requirement[] =>
  requirements().filter((requirement) => findRequirement(requirement) === undefined);

/** The path of a program the harness is about to start; throws a sentence that names its package. */
export const requireProgram = (name: string): string => {
  const path = findProgram(name);
  if (path !== undefined) return path;
  const known = requirements().find((requirement) => requirement.program === name);
  throw new Error(`${name} is not installed${known === undefined ? '' : ` (Debian package ${known.package})`}`);
};
