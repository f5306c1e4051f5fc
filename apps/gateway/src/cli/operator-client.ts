import { request, type RequestOptions } from 'node:http';
import type { ListenAddress, ResolvedConfig } from '@postern/kernel';
import { listenText } from '@postern/kernel';
import type { z } from 'zod';
import { plainText } from '../logging/plain-text.js';
import { UsageError } from './shell.js';

/** Longer than a policy gets to answer. */
const patienceMs = 10_000;
const maxReplyBytes = 16 * 1024 * 1024;

export interface Told {
  readonly status: number;
  /** What the reply's body was, if it was JSON. */
  readonly body: unknown;
}

/** Talks to the operator's door of the gateway that runs with this config. */
export class OperatorClient {
  readonly #address: ListenAddress;
  readonly #token: string | undefined;

  private constructor(address: ListenAddress, token: string | undefined) {
    this.#address = address;
    this.#token = token;
  }

  /** Throws a `UsageError` when the config has no such door, or one whose port is known to the gateway alone. */
  static of({ core: { operator } }: ResolvedConfig): OperatorClient {
    const known = operator?.listen.find((address) => address.kind === 'unix' || address.port !== 0);
    if (operator === undefined || known === undefined) {
      throw new UsageError('the config has no operator address to call', 'Set operator.listen, for example to 127.0.0.1:9144.');
    }
    return new OperatorClient(known, operator.token?.reveal());
  }

  /** The reply of a request that worked. Throws a `UsageError` for every other, save those whose status is in `but`: then undefined. */
  async ask<T>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    reply: z.ZodType<T>,
    more: { readonly body?: object; readonly but?: number } = {},
  ): Promise<T | undefined> {
    const { status, body } = await this.#send(method, path, more.body);
    if (status === more.but) return undefined;
    const told = status === 200 ? reply.safeParse(body) : undefined;
    if (told?.success === true) return told.data;
    throw this.#trouble(status, body);
  }

  #send(method: string, path: string, body: object | undefined): Promise<Told> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      ...(text === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(text)) }),
      ...(this.#token === undefined ? {} : { Authorization: `Bearer ${this.#token}` }),
    };
    const options: RequestOptions = {
      ...targetOf(this.#address),
      method,
      path: `/api/v1${path}`,
      headers,
      timeout: patienceMs,
      agent: false,
    };
    return new Promise((resolve, reject) => {
      const sent = request(options, (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > maxReplyBytes) response.destroy(new Error('the reply is too long'));
          else chunks.push(chunk);
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString('utf8')) }));
        response.on('error', (cause) => reject(this.#unreachable(cause)));
      });
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${patienceMs / 1000} s`)));
      sent.on('error', (cause) => reject(this.#unreachable(cause)));
      sent.end(text);
    });
  }

  #unreachable(cause: Error): UsageError {
    const address = listenText(this.#address);
    const code = 'code' in cause ? String(cause.code) : '';
    if (['ECONNREFUSED', 'ENOENT'].includes(code)) {
      return new UsageError(
        `nobody listens on ${address}: no gateway runs with this config`,
        'Start it with "postern serve", or name its config with -c.',
      );
    }
    return new UsageError(`the gateway on ${address} cannot be asked: ${code === '' ? cause.message : code}`, 'Look into its log.');
  }

  #trouble(status: number, body: unknown): UsageError {
    const address = listenText(this.#address);
    if (status === 401) {
      return new UsageError(
        `the gateway on ${address} does not take this token`,
        'It may run with an older config: reload it, or name its config with -c.',
      );
    }
    if (status === 404) return new UsageError(`what listens on ${address} does not know this request`, 'Is it a Postern of this version?');
    const said =
      typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'string' ? body.error : 'and says no more';
    return new UsageError(
      `the gateway on ${address} answers ${status}: ${plainText(said, 500)}`,
      status === 400 ? 'Mend the request.' : 'Look into its log.',
    );
  }
}

/** An address for all interfaces is reached on loopback. */
const targetOf = (address: ListenAddress): RequestOptions => {
  if (address.kind === 'unix') return { socketPath: address.path, host: 'localhost' };
  const host = address.host === '0.0.0.0' ? '127.0.0.1' : address.host === '::' ? '::1' : address.host;
  return { host, port: address.port };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
