import { requireProgram, type MailProtocol, type ServerRoom } from '@postern/testkit';
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** How a client proves itself, in the words of its protocol. */
export type Way = 'LOGIN command' | 'USER/PASS' | 'APOP' | 'PLAIN' | 'LOGIN' | 'CRAM-MD5' | 'EXTERNAL';

export interface PythonAttempt {
  readonly mechanism: Way;
  readonly user: string;
  readonly password: string;
}

export interface PythonJob {
  readonly protocol: MailProtocol;
  readonly host: string;
  readonly port: number;
  readonly tls?: 'none' | 'implicit' | 'starttls';
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** On one connection, until one is right. */
  readonly attempts: readonly PythonAttempt[];
}

export interface PythonAnswer {
  readonly attempts: readonly { readonly ok: boolean; readonly said: string }[];
  /** What names the backend and the mailbox, once logged in: the mailbox list, the first message's subject, the answer to EHLO. */
  readonly mailbox: string | null;
  /** The connection itself failed. */
  readonly trouble?: string;
}

const script = fileURLToPath(new URL('mail-clients.py', import.meta.url));

/** Python's imaplib, poplib and smtplib in one process that serves a whole suite. */
export class PythonClients {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (answer: PythonAnswer) => void; reject: (error: Error) => void }>();
  #complaints = '';
  #next = 0;

  constructor(room: ServerRoom) {
    this.#child = spawn(requireProgram('python3'), [script], { stdio: ['pipe', 'pipe', 'pipe'] });
    const ended = new Promise<void>((resolve) => this.#child.once('close', () => resolve()));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#complaints += text));
    this.#child.stdin?.on('error', () => undefined);
    if (this.#child.stdout !== null) createInterface({ input: this.#child.stdout }).on('line', (line) => this.#settle(line));
    void ended.then(() => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`python ended: ${this.#complaints}`));
    });
    room.onClose(async () => {
      this.#child.stdin?.end();
      this.#child.kill();
      await ended;
    });
  }

  logIn(job: PythonJob): Promise<PythonAnswer> {
    const id = (this.#next += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.stdin?.write(`${JSON.stringify({ tls: 'none', ...job, id })}\n`);
    });
  }

  #settle(line: string): void {
    const answer = JSON.parse(line) as PythonAnswer & { readonly id: number };
    this.#waiting.get(answer.id)?.resolve(answer);
    this.#waiting.delete(answer.id);
  }
}
