import type { Backends, BackendView, Protocol } from '@postern/contract';

/** One declared backend; by default weight 1, state up, healthy for every protocol. */
export interface FakeBackend {
  readonly name: string;
  readonly weight?: number;
  readonly state?: BackendView['state'];
  /** False, or the protocols it answers for. */
  readonly healthy?: boolean | readonly Protocol[];
}

/** Declared backends whose state, weight and health a test may change at any time. */
export class FakeBackends implements Backends {
  readonly #declared: Map<string, FakeBackend>;

  constructor(backends: readonly (FakeBackend | string)[] = []) {
    const full = backends.map((backend) => (typeof backend === 'string' ? { name: backend } : backend));
    this.#declared = new Map(full.map((backend) => [backend.name, backend]));
  }

  list(): readonly BackendView[] {
    return [...this.#declared.values()].map(view);
  }

  get(name: string): BackendView | undefined {
    const backend = this.#declared.get(name);
    return backend === undefined ? undefined : view(backend);
  }

  /** Adds one, or changes what is given of one that is there. */
  change(name: string, changes: Omit<FakeBackend, 'name'>): void {
    this.#declared.set(name, { ...this.#declared.get(name), ...changes, name });
  }

  remove(name: string): void {
    this.#declared.delete(name);
  }
}

const view = (backend: FakeBackend): BackendView => {
  const healthy = backend.healthy ?? true;
  return {
    name: backend.name,
    weight: backend.weight ?? 1,
    state: backend.state ?? 'up',
    healthy: (protocol) => (typeof healthy === 'boolean' ? healthy : healthy.includes(protocol)),
  };
};
