import type { TestRunner } from './runner.js';

type Body = () => void | Promise<void>;

export interface CollectedResult {
  /** Titles of the groups around it and its own, joined by ` › `. */
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly error?: unknown;
}

interface Group {
  readonly title: readonly string[];
  readonly beforeEach: Body[];
  readonly afterEach: Body[];
}

type Entry = { readonly kind: 'case'; readonly name: string; readonly group: Group; readonly body: Body | undefined } | Hook;
type Hook = { readonly kind: 'hook'; readonly body: Body };

/**
 * Runs a suite outside any test framework and gives its results back as values: for tests of the suites themselves and
 * for tools that verify a plugin. Cases run one after the other in the order they were told.
 */
export class CollectingRunner implements TestRunner {
  readonly it: TestRunner['it'];
  #group: Group = { title: [], beforeEach: [], afterEach: [] };
  readonly #entries: Entry[] = [];
  #closing: Hook[] = [];

  constructor() {
    const add = (name: string, body: Body | undefined): void => {
      const group = this.#group;
      this.#entries.push({ kind: 'case', name: [...group.title, name].join(' › '), group, body });
    };
    this.it = Object.assign(add, {
      skip: (name: string): void => {
        add(name, undefined);
      },
    });
  }

  describe(name: string, body: () => void): void {
    const outer = this.#group;
    const outerClosing = this.#closing;
    this.#closing = [];
    this.#group = { ...outer, title: [...outer.title, name], beforeEach: [...outer.beforeEach], afterEach: [...outer.afterEach] };
    body();
    this.#entries.push(...this.#closing);
    this.#group = outer;
    this.#closing = outerClosing;
  }

  beforeAll(body: Body): void {
    this.#entries.push({ kind: 'hook', body });
  }

  afterAll(body: Body): void {
    this.#closing.push({ kind: 'hook', body });
  }

  beforeEach(body: Body): void {
    this.#group.beforeEach.push(body);
  }

  afterEach(body: Body): void {
    this.#group.afterEach.unshift(body);
  }

  /** Runs everything told so far. A failing `beforeAll` or `afterAll` is a result of its own. */
  async run(): Promise<readonly CollectedResult[]> {
    const results: CollectedResult[] = [];
    for (const entry of [...this.#entries, ...this.#closing]) {
      const result = entry.kind === 'case' ? await runCase(entry.name, entry.group, entry.body) : await runHook(entry.body);
      if (result !== undefined) results.push(result);
    }
    return results;
  }
}

const runHook = async (body: Body): Promise<CollectedResult | undefined> => {
  try {
    await body();
    return undefined;
  } catch (error) {
    return { name: 'preparation', outcome: 'failed', error };
  }
};

const runCase = async (name: string, group: Group, body: Body | undefined): Promise<CollectedResult> => {
  if (body === undefined) return { name, outcome: 'skipped' };
  try {
    for (const step of [...group.beforeEach, body]) await step();
    return { name, outcome: 'passed' };
  } catch (error) {
    return { name, outcome: 'failed', error };
  } finally {
    for (const step of group.afterEach) await step();
  }
};
