import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ConfigReading, type Environment, ModulePlugins, pathText, readConfig } from '@postern/kernel';
import { samplePlugins } from './sample-plugins.js';

/** A folder with a config file and whatever it refers to. */
export class ConfigRoom {
  readonly directory: string;
  readonly source = new ModulePlugins(samplePlugins);
  env: Environment = {};

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async open(): Promise<ConfigRoom> {
    return new ConfigRoom(await mkdtemp(join(tmpdir(), 'postern-boot-')));
  }

  get file(): string {
    return join(this.directory, 'postern.yaml');
  }

  async write(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(this.directory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    return path;
  }

  /** Writes with a modification time of its own, so that no two versions look alike. */
  async rewrite(name: string, content: string, seconds: number): Promise<void> {
    const path = await this.write(name, content);
    await utimes(path, seconds, seconds);
  }

  async read(yaml: string): Promise<ConfigReading> {
    await this.write('postern.yaml', yaml);
    return readConfig(this.file, this.source, this.env);
  }

  /** Errors only, as `code path line`. */
  async errors(yaml: string): Promise<readonly string[]> {
    return told(await this.read(yaml), 'error');
  }

  async warnings(yaml: string): Promise<readonly string[]> {
    return told(await this.read(yaml), 'warning');
  }

  close(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}

const told = ({ problems }: ConfigReading, severity: 'error' | 'warning'): readonly string[] =>
  problems.filter((problem) => problem.severity === severity).map(({ code, path, line }) => `${code} ${pathText(path)} ${line ?? '-'}`);
