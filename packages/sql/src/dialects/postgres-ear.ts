import type { Ear } from '../ear.js';
import { Unreachable, wordsOf } from '../failure.js';
import { unlessAborted } from '../patience.js';
import { type OpenClient, openPostgres } from './postgres.js';
import type { ServerOptions } from './server-options.js';

/**
 * Listens on a channel (PostgreSQL's LISTEN). `channel` must be an identifier that needs no quotes. A server that only reads takes no
 * LISTEN, and a notification reaches only those who listen at the server where it was made.
 */
export const listenPostgres = async (
  options: ServerOptions,
  channel: string,
  hear: (message: string) => void,
  signal: AbortSignal,
): Promise<Ear> => {
  const ear = await openPostgres(options, signal, (open) => new PostgresEar(open, channel, hear));
  try {
    await unlessAborted(ear.begin(), signal);
    return ear;
  } catch (error) {
    ear.close();
    throw error;
  }
};

class PostgresEar implements Ear {
  readonly deaf: AbortSignal;
  readonly #open: OpenClient;
  readonly #channel: string;

  constructor(open: OpenClient, channel: string, hear: (message: string) => void) {
    this.#open = open;
    this.#channel = channel;
    const { client, socket } = open;
    client.on('notification', (notice) => {
      if (notice.channel === channel) hear(notice.payload ?? '');
    });
    const life = new AbortController();
    this.deaf = life.signal;
    const end = (): void => {
      socket.destroy();
      life.abort();
    };
    // Without listeners, a connection that dies takes the process with it.
    client.on('error', end);
    client.on('end', end);
    socket.on('error', end);
    socket.on('close', end);
  }

  begin(): Promise<void> {
    return this.#say(`listen ${this.#channel}`);
  }

  ping(): Promise<void> {
    return this.#say('select 1');
  }

  close(): void {
    this.#open.socket.destroy();
  }

  async #say(text: string): Promise<void> {
    await this.#open.client.query(text).catch((error: unknown) => Promise.reject(new Unreachable(wordsOf(error))));
  }
}
