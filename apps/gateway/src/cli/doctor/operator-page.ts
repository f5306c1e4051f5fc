import { request } from 'node:http';
import type { ListenAddress } from '@postern/kernel';
import { TalkError } from './talk.js';

/** A page of the operator's door. */
export interface Seen {
  readonly status: number;
  /** What the body was, if it was JSON. */
  readonly body: unknown;
  /** Milliseconds since 1970 by the gateway's clock. */
  readonly date: number | undefined;
}

const maxBytes = 4 * 1024 * 1024;

/** Gets one page within `ms` milliseconds. Rejects when there is no whole answer. */
export const lookAt = (address: ListenAddress, path: string, token: string | undefined, ms: number): Promise<Seen> => {
  const target = address.kind === 'unix' ? { socketPath: address.path, host: 'localhost' } : { host: address.host, port: address.port };
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const sent = request({ ...target, path, headers, agent: false });
    const giveUp = (why: string): void => {
      reject(new TalkError(why));
      sent.destroy();
    };
    const timer = setTimeout(() => giveUp(`there was no answer within ${ms} ms`), ms);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxBytes) giveUp('the answer is too long');
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        const date = Date.parse(response.headers.date ?? '');
        const body = parsed(Buffer.concat(chunks).toString('utf8'));
        resolve({ status: response.statusCode ?? 0, body, date: Number.isNaN(date) ? undefined : date });
      });
    });
    sent.on('error', reject);
    sent.on('close', () => {
      clearTimeout(timer);
      giveUp('it closed the connection before it had answered');
    });
    sent.end();
  });
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
