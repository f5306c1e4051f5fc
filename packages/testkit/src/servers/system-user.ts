import { execFile, spawn } from 'node:child_process';
import { chmod, chown, copyFile, mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { KeyPair } from './certificates.js';
import { requireProgram } from './requirements.js';

const run = promisify(execFile);

interface Ids {
  readonly uid: number;
  readonly gid: number;
}

/** Who a server runs as: servers that refuse root, or give it up, get their own system user; a plain user runs them itself. */
export class SystemUser {
  readonly #name: string;
  readonly #ids: Ids | undefined;

  private constructor(name: string, ids: Ids | undefined) {
    this.#name = name;
    this.#ids = ids;
  }

  /** `name`: the user that the server's Debian package makes. */
  static async find(name: string): Promise<SystemUser> {
    if (process.getuid?.() !== 0) return new SystemUser(name, undefined);
    const [uid = -1, gid = -1] = await Promise.all(['-u', '-g'].map(async (flag) => Number((await run('id', [flag, name])).stdout)));
    return new SystemUser(name, { uid, gid });
  }

  /** The command that runs a program as this user. */
  command(program: string, args: readonly string[]): { readonly command: string; readonly args: readonly string[] } {
    if (this.#ids === undefined) return { command: program, args };
    const become = ['--reuid', this.#name, '--regid', String(this.#ids.gid), '--init-groups'];
    return { command: requireProgram('setpriv'), args: [...become, program, ...args] };
  }

  /** Runs a program to its end and answers what it wrote; rejects with what it complained about. */
  async run(program: string, args: readonly string[], cwd: string): Promise<string> {
    const { command, args: all } = this.command(program, args);
    const { stdout } = await run(command, [...all], { cwd, maxBuffer: 16 * 1024 * 1024 });
    return stdout;
  }

  async folder(path: string): Promise<string> {
    await mkdir(path, { recursive: true });
    await this.own(path);
    return path;
  }

  async own(path: string): Promise<void> {
    if (this.#ids !== undefined) await chown(path, this.#ids.uid, this.#ids.gid);
  }

  /** Copies a certificate and its key to where only this user may read them. */
  async keep(pair: KeyPair, folder: string): Promise<KeyPair> {
    const kept = { cert: `${folder}/server.pem`, key: `${folder}/server.key` };
    await copyFile(pair.cert, kept.cert);
    await copyFile(pair.key, kept.key);
    for (const path of [kept.cert, kept.key]) {
      await this.own(path);
      await chmod(path, 0o600);
    }
    return kept;
  }
}

/** Runs a client, writes `input` to it and answers what it wrote; rejects with what it complained about. */
export const converse = (program: string, args: readonly string[], input: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    let complaints = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${program} ended with ${String(code)}: ${complaints}`)),
    );
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
