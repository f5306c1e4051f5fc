import { inspect } from 'node:util';
import { z } from 'zod';
import { bind, type Bound, type ConfigPlace } from './bound.js';
import { Secret, type SecretSource } from './secret.js';

/** How a kind of URL is read and told. */
export interface UrlReading<Address> {
  /** Throws a `BindingError` that holds no secret. */
  parse(text: string, place: ConfigPlace): Address;
  /** Empty when there is none. */
  password(address: Address): string;
  /** The address without its password. */
  told(address: Address): string;
  /** What it is called before it is bound. */
  readonly unread: string;
}

/** A URL from the config, literal or from where secrets are kept. Its password is a secret; the rest may be told. */
export class SecretUrl<Address> implements Bound {
  readonly #source: SecretSource;
  readonly #reading: UrlReading<Address>;
  #address: Address | undefined;

  constructor(source: SecretSource, reading: UrlReading<Address>) {
    this.#source = source;
    this.#reading = reading;
  }

  /** Throws when the config was not bound yet. */
  get address(): Address {
    if (this.#address === undefined) throw new Error('this URL was not bound to its place yet');
    return this.#address;
  }

  /** Absent before binding, and for a URL that could not be bound. */
  get known(): Address | undefined {
    return this.#address;
  }

  /** True when a password stands in the config file itself: `check` warns. */
  get literal(): boolean {
    return typeof this.#source === 'string' && this.#address !== undefined && this.reveal() !== '';
  }

  /** The password; empty when there is none. Throws when the config was not bound yet. The host takes it out of all that is said. */
  reveal(): string {
    return this.#reading.password(this.address);
  }

  toString(): string {
    return this.#address === undefined ? this.#reading.unread : this.#reading.told(this.#address);
  }

  toJSON(): unknown {
    return typeof this.#source === 'string' ? this.toString() : this.#source;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  [bind](place: ConfigPlace): void {
    const secret = new Secret(this.#source);
    secret[bind](place);
    this.#address = this.#reading.parse(secret.reveal(), place);
  }
}

const source = z.union([z.string().min(1), z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })], {
  error: 'expected { env: NAME }, { file: PATH } or a URL',
});

/** A config field for such a URL. */
export const secretUrl = <Url extends Bound>(make: (source: SecretSource) => Url): z.ZodType<Url, SecretSource> => source.transform(make);
