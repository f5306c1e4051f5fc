import { setTimeout } from 'node:timers/promises';
import type { ExitCode } from '../../src/cli/shell.js';
import type { Override } from '../../src/compose.js';
import { serve } from '../../src/serve.js';
import type { ConfigFolder } from './config-folder.js';
import { TestIo } from './test-io.js';

/** The `serve` command in this process. */
export class RunningGateway {
  readonly io: TestIo;
  readonly ended: Promise<ExitCode>;

  constructor(folder: ConfigFolder, env: Readonly<Record<string, string>> = {}, overrides: readonly Override[] = []) {
    this.io = new TestIo(folder.path);
    Object.assign(this.io.env, env);
    this.ended = serve(this.io, { file: folder.file, overrides });
    this.ended.catch(() => undefined);
  }

  /** Waits for a match in what was written so far and from now on. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.io.stdout.text);
      if (found !== null) return found;
      const ended = await Promise.race([this.ended.then((code) => `it ended with ${code}`, String), setTimeout(5)]);
      if (ended !== undefined) throw new Error(`${ended}: ${this.io.stdout.text}${this.io.stderr.text}`);
    }
  }

  /** Where a door listens, of those in the newest line that names them. */
  door(kind: 'nginx' | 'proxy' | 'operator'): string {
    const found = [...this.io.stdout.text.matchAll(new RegExp(`\\b${kind} on ([^\\s,"]+)`, 'g'))].at(-1)?.[1];
    if (found === undefined) throw new Error(`no ${kind} door: ${this.io.stdout.text}`);
    return found;
  }

  stop(): Promise<ExitCode> {
    this.io.signal('SIGTERM');
    return this.ended;
  }
}
