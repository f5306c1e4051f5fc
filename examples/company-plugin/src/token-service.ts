import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import type { TokensConfig } from './tokens-config.js';

/** What the service says of a login. */
export interface ServiceReply {
  readonly status: number;
  readonly body: string;
}

const longestReply = 65_536;

/** The company's service for tokens: HTTPS, and it asks for a client certificate. */
export class TokenService {
  readonly #config: TokensConfig;
  #agent: Agent | undefined;

  constructor(config: TokensConfig) {
    this.#config = config;
  }

  /** Reads the certificates. Rejects when they cannot be read. */
  async open(): Promise<void> {
    const [ca, cert, key] = await Promise.all(
      [this.#config.ca, this.#config.cert, this.#config.key].map(({ absolute }) => readFile(absolute)),
    );
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: 32,
      minVersion: 'TLSv1.2',
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
    });
  }

  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
  }

  /** Rejects when the service cannot be asked; never says why in the words of the login. */
  ask(path: string, body: object, signal: AbortSignal): Promise<ServiceReply> {
    const agent = this.#agent;
    if (agent === undefined) return Promise.reject(new Error('the service is not open'));
    const headers = { 'content-type': 'application/json' };
    return new Promise((resolve, reject) => {
      const asked = request(
        new URL(path, this.#config.url),
        { agent, method: 'POST', headers, signal, timeout: this.#config.timeout },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (piece: string) => {
            text += piece;
            if (text.length > longestReply) response.destroy(new Error('the service says too much'));
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
          response.on('error', reject);
        },
      );
      asked.on('timeout', () => asked.destroy(new Error('the service did not answer in time')));
      asked.on('error', reject);
      asked.end(JSON.stringify(body));
    });
  }
}
