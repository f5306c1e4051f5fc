import { Worker } from 'node:worker_threads';
import type { CryptJob } from './crypt-job.js';

interface Asker {
  readonly resolve: (digest: string) => void;
  readonly reject: (cause: Error) => void;
}

/** One thread and what it was asked. It does one thing at a time. */
class CryptThread {
  readonly #worker: Worker;
  #asker: Asker | undefined;
  #ended = false;

  constructor(worker: Worker) {
    this.#worker = worker;
    this.#worker.unref();
    this.#worker.on('message', (digest: string) => this.#take()?.resolve(digest));
    this.#worker.on('error', (cause: unknown) => this.#end(cause instanceof Error ? cause : new Error('the thread for crypt failed')));
    this.#worker.on('exit', () => this.#end(new Error('the thread for crypt ended')));
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The process stays alive for the answer, not for an idle thread. */
  digest(job: CryptJob): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#asker = { resolve, reject };
      this.#worker.ref();
      // A view of Node's pool would take the whole pool with it, and what else was typed today: a copy of its own goes over.
      const password = Uint8Array.from(job.password);
      this.#worker.postMessage({ ...job, password }, [password.buffer]);
    });
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #take(): Asker | undefined {
    const asker = this.#asker;
    this.#asker = undefined;
    this.#worker.unref();
    return asker;
  }

  #end(cause: Error): void {
    this.#ended = true;
    this.#take()?.reject(cause);
  }
}

/** No flags of ours: a thread wants neither an inspector nor somebody's loader. */
export const startWorker = (): Worker => new Worker(new URL('./worker/main.js', import.meta.url), { name: 'crypt', execArgv: [] });

/**
 * Computes crypt(3) hashes that Node has no asynchronous function for, away from the event loop. A thread is started when
 * none is free and kept from then on; whoever asks sees to it that not too many are asked for at once.
 */
export class CryptThreads {
  readonly #start: () => Worker;
  readonly #idle: CryptThread[] = [];

  constructor(start: () => Worker = startWorker) {
    this.#start = start;
  }

  /** Threads that are waiting for work. */
  get idle(): number {
    return this.#idle.length;
  }

  /** The hash as crypt(3) writes it after the last dollar sign. Rejects when the thread ends. */
  async digest(job: CryptJob): Promise<string> {
    const thread = this.#free();
    const digest = await thread.digest(job);
    this.#idle.push(thread);
    return digest;
  }

  /** Ends the idle threads; new ones are started when they are wanted. */
  async stop(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((thread) => thread.stop()));
  }

  #free(): CryptThread {
    for (let thread = this.#idle.pop(); thread !== undefined; thread = this.#idle.pop()) {
      if (!thread.ended) return thread;
    }
    return new CryptThread(this.#start());
  }
}

/** Of the whole process, behind `heavyChecks`. */
export const cryptThreads = new CryptThreads();
