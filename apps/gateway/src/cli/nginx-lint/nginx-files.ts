import { dirname, resolve } from 'node:path';
import { Glob } from './glob.js';
import { NginxSyntaxError } from './nginx-syntax.js';
import { parseSource, type Directive, type Source } from './nginx-tree.js';

/** A whole config, includes put in their places. */
export interface NginxConfig {
  readonly directives: readonly Directive[];
  /** In the order of reading. */
  readonly files: readonly string[];
  /** `include` directives whose files are not there to be read: only where the text is no output of `nginx -T`. */
  readonly notFollowed: readonly Directive[];
}

/** Which file a problem is in. */
export class NginxFileError extends Error {
  override readonly name = 'NginxFileError';
  readonly file: string;
  readonly line: number;

  constructor(file: string, cause: NginxSyntaxError) {
    super(cause.message, { cause });
    this.file = file;
    this.line = cause.line;
  }
}

const marker = /^# configuration file (.+):\r?$/;
/** Each is its parsed self and costs no memory of its own; a chain of doubling includes would never end. */
const mostIncludes = 10_000;

/** Reads an nginx.conf, or the output of `nginx -T`. `name`: what to call it in the first case. Throws a `NginxFileError`. */
export const readNginxConfig = (name: string, text: string): NginxConfig => {
  const dumped = dumpedFiles(text);
  const sources = dumped ?? [{ file: name, text }];
  const parsed = new Map(sources.map((source) => [source.file, parsedSource(source)]));
  const [main = { file: name }] = sources;
  const includes = new Includes(parsed, dirname(main.file), dumped !== undefined);
  const directives = includes.expand(parsed.get(main.file) ?? [], [main.file]);
  return { directives, files: [...parsed.keys()], notFollowed: includes.notFollowed };
};

const parsedSource = (source: Source): readonly Directive[] => {
  try {
    return parseSource(source);
  } catch (error) {
    throw error instanceof NginxSyntaxError ? new NginxFileError(source.file, error) : error;
  }
};

/** Undefined when it is no output of `nginx -T`: then no marker stands before the first directive. */
const dumpedFiles = (text: string): readonly Source[] | undefined => {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.trim() !== '' && !line.startsWith('nginx: '));
  if (!marker.test(lines[first] ?? '')) return undefined;
  const sources: { readonly file: string; readonly lines: string[] }[] = [];
  for (const line of lines.slice(first)) {
    const [, file] = marker.exec(line) ?? [];
    if (file !== undefined) sources.push({ file, lines: [] });
    // What nginx says of the test itself, where both of its outputs went into one file.
    else if (!/^nginx: (?:the )?configuration file .+ (?:syntax is ok|test is successful)\r?$/.test(line)) sources.at(-1)?.lines.push(line);
  }
  return sources.map(({ file, lines: own }) => ({ file, text: own.join('\n') }));
};

/** Puts the files of a dump where `include` names them. */
class Includes {
  readonly notFollowed: Directive[] = [];
  readonly #files: ReadonlyMap<string, readonly Directive[]>;
  readonly #directory: string;
  readonly #complete: boolean;
  #count = 0;

  constructor(files: ReadonlyMap<string, readonly Directive[]>, directory: string, complete: boolean) {
    this.#files = files;
    this.#directory = directory;
    this.#complete = complete;
  }

  /** `within`: the files it is read for, so that none includes itself. */
  expand(directives: readonly Directive[], within: readonly string[]): readonly Directive[] {
    return directives.flatMap((directive): readonly Directive[] => {
      const { name, words, block } = directive;
      if (block !== undefined) return [{ ...directive, block: this.expand(block, within) }];
      return name === 'include' && words.length === 1 ? this.#included(directive, words[0] ?? '', within) : [directive];
    });
  }

  #included(directive: Directive, pattern: string, within: readonly string[]): readonly Directive[] {
    if (!this.#complete) this.notFollowed.push(directive);
    const glob = new Glob(resolve(this.#directory, pattern));
    const files = [...this.#files.keys()].filter((file) => glob.matches(file) && !within.includes(file)).sort();
    this.#count += files.length;
    if (this.#count > mostIncludes)
      throw new NginxFileError(directive.file, new NginxSyntaxError('files include each other too often', directive.line));
    return files.flatMap((file) => this.expand(this.#files.get(file) ?? [], [...within, file]));
  }
}
