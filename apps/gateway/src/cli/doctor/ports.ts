import { protocols, type Clock, type Protocol } from '@postern/contract';
import { keepAlive, probe, tcpConnector, type ProbeResult, type Resolver, type ResolvedConfig } from '@postern/kernel';
import { reasonOf } from './talk.js';

export interface PortsParts {
  readonly config: ResolvedConfig;
  readonly clock: Clock;
  readonly resolver: Resolver;
  /** Milliseconds for one port: its connection and its greeting. */
  readonly timeoutMs: number;
}

/** One port of a backend, and how it greets. */
export interface AskedPort {
  readonly backend: string;
  readonly host: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** Whether the config itself says the port. */
  readonly written: boolean;
  readonly result: ProbeResult;
}

type Wanted = Omit<AskedPort, 'result'>;

const atOnce = 16;

/** Greetings of mail servers, read as nginx reads them. The backends are asked once, however often they are looked at. */
export class Ports {
  readonly #parts: PortsParts;
  #asked: Promise<readonly AskedPort[]> | undefined;

  constructor(parts: PortsParts) {
    this.#parts = parts;
  }

  /** Every port of every backend that is not down by the config. Never rejects. */
  all(): Promise<readonly AskedPort[]> {
    this.#asked ??= this.#askAll();
    return this.#asked;
  }

  /** One address, whoever told it. Never rejects. */
  greeting(address: string, port: number, protocol: Protocol): Promise<ProbeResult> {
    const { timeoutMs: timeout, clock } = this.#parts;
    return keepAlive(() => probe({ address, port, protocol, timeout }, tcpConnector, clock));
  }

  /** Whether anything shows that people use a protocol: a backend greets with it, or the config says a port for it. */
  async isUsed(protocol: Protocol): Promise<boolean> {
    return (await this.all()).some((port) => port.protocol === protocol && (port.written || port.result.kind === 'greeted'));
  }

  async #askAll(): Promise<readonly AskedPort[]> {
    const wanted = wantedPorts(this.#parts.config);
    const asked: AskedPort[] = [];
    const next = wanted.entries();
    const work = async (): Promise<void> => {
      for (const [index, port] of next) asked[index] = { ...port, result: await this.#ask(port) };
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, wanted.length) }, work));
    return asked;
  }

  /** As the gateway does: the addresses of a name in turn, until one greets. */
  async #ask({ host, port, protocol }: Wanted): Promise<ProbeResult> {
    let result: ProbeResult = { kind: 'failed', why: 'the name has no address' };
    try {
      for (const address of await this.#parts.resolver.lookup(host)) {
        result = await this.greeting(address, port, protocol);
        if (result.kind === 'greeted') return result;
      }
    } catch (error) {
      return { kind: 'failed', why: reasonOf(error) };
    }
    return result;
  }
}

const wantedPorts = ({ core, written }: ResolvedConfig): readonly Wanted[] => {
  const said = written.reveal()['backends'] as Readonly<Record<string, object>> | undefined;
  return Object.entries(core.backends)
    .filter(([, { state }]) => state !== 'down')
    .flatMap(([backend, { host, imap, pop3, smtp }]) => {
      const ports = { imap, pop3, smtp };
      return protocols.map((protocol) => ({
        ...{ backend, host, protocol, port: ports[protocol] },
        written: Object.hasOwn(said?.[backend] ?? {}, protocol),
      }));
    });
};
