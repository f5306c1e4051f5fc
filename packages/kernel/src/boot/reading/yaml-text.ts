import type { ConfigPath } from '@postern/contract';
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit, type YAMLMap } from 'yaml';
import { yamlSentence } from './yaml-sentence.js';

/** Line and column, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface YamlProblem {
  readonly code: 'yaml-syntax' | 'yaml-duplicate-key' | 'yaml-alias';
  readonly position: Position;
  /** Never holds a part of the file except a duplicate key's name: what stands there may be a secret. */
  readonly message: string;
  readonly hint: string;
}

/** More are rarely of use: they follow from the first. */
const maxSyntaxProblems = 20;
/** How many nodes aliases may expand to, for each node that is written. */
const maxAliasCount = 100;

/** A YAML file that remembers where everything stands. */
export class YamlText {
  readonly problems: readonly YamlProblem[];
  /** False when the structure cannot be known: then `data` is undefined. */
  readonly readable: boolean;
  /** What the file says; undefined for an empty one. */
  readonly data: unknown;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;

  constructor(text: string) {
    // uniqueKeys compares every key with every other; duplicates() does it in linear time. prettyErrors quotes the file.
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      uniqueKeys: false,
      stringKeys: true,
      version: '1.2',
    });
    const syntax = [...this.#document.errors, ...this.#document.warnings].slice(0, maxSyntaxProblems).map((error): YamlProblem => ({
      code: error.code === 'BAD_ALIAS' ? 'yaml-alias' : 'yaml-syntax',
      position: this.#position(error.pos[0]),
      ...yamlSentence(error.code),
    }));
    const read = syntax.length === 0 ? this.#read() : { problems: [] };
    this.problems = [...syntax, ...read.problems];
    this.readable = 'data' in read;
    this.data = 'data' in read ? read.data : undefined;
  }

  /** Where a path stands: a plain value's own place, otherwise its key's. What is not there stands where its parent does. */
  locate(path: ConfigPath, at: 'key' | 'value' = 'value'): Position {
    let node: Node | null | undefined = this.#document.contents;
    let offset = node?.range?.[0];
    let found = true;
    for (const step of path) {
      const below = this.#below(node, step);
      found = below !== undefined;
      if (below === undefined) break;
      node = below.node;
      offset = below.offset ?? offset;
    }
    if (found && at === 'value' && isScalar(node)) offset = node.range?.[0] ?? offset;
    return this.#position(offset ?? 0);
  }

  #below(node: Node | null | undefined, step: string | number): { node: Node | null; offset: number | undefined } | undefined {
    const target = isAlias(node) ? node.resolve(this.#document) : node;
    if (isSeq<Node>(target)) {
      const item = typeof step === 'number' ? target.items[step] : undefined;
      return item === undefined ? undefined : { node: item, offset: item.range?.[0] };
    }
    if (!isMap<Node, Node>(target)) return undefined;
    const pair = target.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
    return pair === undefined ? undefined : { node: pair.value, offset: pair.key.range?.[0] };
  }

  #read(): { data?: unknown; problems: YamlProblem[] } {
    const problems = this.#structureProblems();
    if (problems.some(({ code }) => code === 'yaml-alias')) return { problems };
    try {
      const data: unknown = this.#document.toJS({ maxAliasCount });
      return { data: data ?? undefined, problems };
    } catch {
      const message = 'aliases expand to far more than what is written';
      return { problems: [...problems, { code: 'yaml-alias', position: { line: 1, column: 1 }, message, hint: 'Write the values out.' }] };
    }
  }

  /** Keys that stand twice, and aliases that cannot be followed. */
  #structureProblems(): YamlProblem[] {
    const problems: YamlProblem[] = [];
    visit(this.#document, {
      Map: (_, map) => void problems.push(...this.#duplicates(map)),
      Alias: (_, alias, above) => {
        const target = alias.resolve(this.#document);
        if (target !== undefined && !above.includes(target)) return;
        const position = this.#position(alias.range?.[0] ?? 0);
        if (target === undefined) problems.push({ code: 'yaml-alias', position, ...yamlSentence('BAD_ALIAS') });
        else
          problems.push({ code: 'yaml-alias', position, message: 'this alias refers to what it stands in', hint: 'Write the value out.' });
      },
    });
    return problems;
  }

  #duplicates(map: YAMLMap): YamlProblem[] {
    const problems: YamlProblem[] = [];
    const seen = new Set<string>();
    for (const { key } of map.items) {
      if (!isScalar(key)) continue;
      const name = String(key.value);
      const offset = 'range' in key ? key.range?.[0] : undefined;
      if (seen.has(name)) problems.push(this.#duplicate(name, offset ?? 0));
      seen.add(name);
    }
    return problems;
  }

  #duplicate(name: string, offset: number): YamlProblem {
    const message = `the key ${JSON.stringify(name)} stands twice in this mapping`;
    return { code: 'yaml-duplicate-key', position: this.#position(offset), message, hint: 'Keep one of them.' };
  }

  #position(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}
