import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder of its own with a config file in it. JSON is YAML. */
export class ConfigFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'postern-gateway-'));

  get file(): string {
    return join(this.path, 'postern.yaml');
  }

  write(config: string | Readonly<Record<string, unknown>>): this {
    writeFileSync(this.file, typeof config === 'string' ? config : JSON.stringify(config, undefined, 2));
    return this;
  }

  add(name: string, content: string): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Valid, needs no server, listens on any free port. The password of everybody is `sesame`. */
export const smallConfig = (changed: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  listen: '127.0.0.1:0',
  operator: { listen: '127.0.0.1:0' },
  health: 'off',
  backends: { 'mail-a': { host: '127.0.0.1', imap: 10_143 }, 'mail-b': { host: '127.0.0.2', imap: 20_143 } },
  plugins: [
    {
      use: 'static',
      as: 'people',
      with: { users: { 'anna@example.org': '{PLAIN}sesame', 'ben@example.net': '{PLAIN}sesame' } },
    },
    { use: 'domain', with: { routes: { 'example.org': 'mail-a' }, default: 'mail-b' } },
  ],
  ...changed,
});
