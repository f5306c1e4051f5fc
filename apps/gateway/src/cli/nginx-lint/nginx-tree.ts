import { NginxSyntaxError, sentences } from './nginx-syntax.js';

/** One directive of an nginx config. */
export interface Directive {
  readonly name: string;
  readonly words: readonly string[];
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** There when it opens a block. */
  readonly block?: readonly Directive[];
}

/** One file of a config, its text and where that begins in what was read. */
export interface Source {
  readonly file: string;
  readonly text: string;
}

const deepest = 100;

/** Throws a `NginxSyntaxError`. */
export const parseSource = ({ file, text }: Source): readonly Directive[] => {
  const top: Directive[] = [];
  const open: { readonly block: Directive[]; readonly line: number }[] = [];
  for (const { words, end, line } of sentences(text)) {
    const into = open.at(-1)?.block ?? top;
    if (end === '}') {
      if (open.pop() === undefined) throw new NginxSyntaxError('there is an unexpected "}"', line);
      continue;
    }
    const [name = '', ...rest] = words;
    if (end === ';') {
      into.push({ name, words: rest, file, line });
      continue;
    }
    if (open.length >= deepest) throw new NginxSyntaxError(`blocks are nested deeper than ${deepest}`, line);
    const block: Directive[] = [];
    into.push({ name, words: rest, file, line, block });
    open.push({ block, line });
  }
  const last = open.at(-1);
  if (last !== undefined) throw new NginxSyntaxError('a block that begins here is never closed: "}" is missing', last.line);
  return top;
};
