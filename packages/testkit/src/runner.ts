type Body = () => void | Promise<void>;

/** What a suite needs of a test runner. Jest's globals, Vitest's and a `CollectingRunner` all fit. */
export interface TestRunner {
  describe(name: string, body: () => void): void;
  readonly it: {
    (name: string, body: Body): void;
    /** Told as skipped; the reason stands in the name. */
    skip(name: string, body: Body): void;
  };
  beforeAll(body: Body): void;
  afterAll(body: Body): void;
  beforeEach(body: Body): void;
  afterEach(body: Body): void;
}
