import { randomUUID } from 'node:crypto';
import type { Clients } from './clients.js';

/** What is sent to all: who says it, about what, what. */
type Envelope = readonly [sender: string, topic: string, message: string];

export interface EarParts {
  readonly client: Clients['hearing'];
  readonly prefix: string;
  /** Another process said this. */
  readonly heard: (topic: string, message: string) => void;
  /** Messages may have been missed, and can be heard again. */
  readonly missed: () => void;
}

/** Hears what the other processes publish, and notices when it cannot. */
export class Ear {
  readonly #client: Clients['hearing'];
  readonly #channel: string;
  readonly #beats: string;
  readonly #id = randomUUID();
  readonly #heard: EarParts['heard'];
  readonly #missed: () => void;
  #awaited: { readonly token: string; readonly heard: () => void } | undefined;
  /** Undefined before the first time. */
  #hears: boolean | undefined;

  constructor({ client, prefix, heard, missed }: EarParts) {
    this.#client = client;
    this.#channel = `${prefix}messages`;
    this.#beats = `${prefix}beat:${this.#id}`;
    this.#heard = heard;
    this.#missed = missed;
    client.on('message', (channel: string, text: string) => this.#hear(channel, text));
    client.on('ready', () => void this.listen().catch(() => undefined));
    client.on('close', () => this.lost());
  }

  get channel(): string {
    return this.#channel;
  }

  /** Its own process's channel: whatever is sent there comes back, if hearing works. */
  get beats(): string {
    return this.#beats;
  }

  envelope(topic: string, message: string): string {
    return JSON.stringify([this.#id, topic, message] satisfies Envelope);
  }

  async listen(): Promise<void> {
    await this.#client.subscribe(this.#channel, this.#beats);
  }

  /** Resolves when the token came in; whoever waits no longer calls `giveUp`. */
  expect(token: string): Promise<void> {
    return new Promise((resolve) => (this.#awaited = { token, heard: resolve }));
  }

  /** Something may have been said that was not heard. */
  lost(): void {
    if (this.#hears === true) this.#hears = false;
  }

  #hear(channel: string, text: string): void {
    if (channel === this.#beats) this.#beat(text);
    else if (channel === this.#channel) this.#tell(text);
  }

  #beat(token: string): void {
    if (this.#hears === false) this.#missed();
    this.#hears = true;
    if (this.#awaited?.token === token) this.#awaited.heard();
  }

  #tell(text: string): void {
    const envelope = envelopeIn(text);
    if (envelope === undefined) return;
    const [sender, topic, message] = envelope;
    if (sender !== this.#id) this.#heard(topic, message);
  }
}

/** Anybody who may publish in this Redis may write there. */
const envelopeIn = (text: string): Envelope | undefined => {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return undefined;
  }
  return Array.isArray(said) && said.length === 3 && said.every((part) => typeof part === 'string')
    ? (said as unknown as Envelope)
    : undefined;
};
