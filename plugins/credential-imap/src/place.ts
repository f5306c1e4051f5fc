/** A server to connect to. */
export interface Place {
  /** For people. */
  readonly name: string;
  /** What a certificate must bear. */
  readonly host: string;
  /** A name or an IP literal without brackets. */
  readonly address: string;
  readonly port: number;
  /** TLS from the first byte. */
  readonly tls: boolean;
}
