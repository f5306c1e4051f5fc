import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requireProgram } from './requirements.js';
import type { ServerRoom } from './server-room.js';

const run = promisify(execFile);

/** Paths of a certificate and its key, both PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface ClientSubject {
  readonly commonName: string;
  /** Put into the subject (`emailAddress`) and into the subject's alternative names. */
  readonly email?: string;
}

/** A certificate authority made for one room, by the `openssl` command. Everything is valid for two days. */
export class CertificateAuthority {
  /** The authority's own certificate, PEM. */
  readonly cert: string;
  readonly #room: ServerRoom;
  readonly #name: string;
  readonly #key: string;
  #issued = 0;

  private constructor(room: ServerRoom, name: string, pair: KeyPair) {
    this.#room = room;
    this.#name = name;
    this.cert = pair.cert;
    this.#key = pair.key;
  }

  static async create(room: ServerRoom, name = 'Postern test authority'): Promise<CertificateAuthority> {
    const folder = `ca-${name.replaceAll(/[^a-zA-Z0-9]/gu, '-')}`;
    const config = await room.write(
      join(folder, 'ca.cnf'),
      '[req]\ndistinguished_name=dn\nx509_extensions=ext\n[dn]\n[ext]\nbasicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\n' +
        'subjectKeyIdentifier=hash\n',
    );
    const pair = { cert: room.path(folder, 'ca.pem'), key: room.path(folder, 'ca.key') };
    await openssl([
      ...['req', '-x509', '-config', config, '-subj', `/CN=${name}`, '-days', '2', '-nodes'],
      ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-keyout', pair.key, '-out', pair.cert],
    ]);
    return new CertificateAuthority(room, folder, pair);
  }

  /** For a server reached as `localhost`, `mail.example.org`, 127.0.0.1 or ::1. */
  server(): Promise<KeyPair> {
    return this.#issue('/CN=mail.example.org', 'serverAuth', 'DNS:localhost,DNS:mail.example.org,IP:127.0.0.1,IP:::1');
  }

  client(subject: ClientSubject): Promise<KeyPair> {
    const { commonName, email } = subject;
    const dn = `/CN=${commonName}${email === undefined ? '' : `/emailAddress=${email}`}`;
    return this.#issue(dn, 'clientAuth', email === undefined ? undefined : `email:${email}`);
  }

  async #issue(subject: string, usage: string, names: string | undefined): Promise<KeyPair> {
    const stem = join(this.#name, `leaf-${String((this.#issued += 1))}`);
    const extensions = await this.#room.write(
      `${stem}.cnf`,
      `basicConstraints=CA:false\nextendedKeyUsage=${usage}\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n` +
        (names === undefined ? '' : `subjectAltName=${names}\n`),
    );
    const requests = await this.#room.write(`${stem}-request.cnf`, '[req]\ndistinguished_name=dn\n[dn]\n');
    const pair = { cert: this.#room.path(`${stem}.pem`), key: this.#room.path(`${stem}.key`) };
    const request = this.#room.path(`${stem}.csr`);
    await openssl([
      ...['req', '-new', '-config', requests, '-subj', subject, '-nodes'],
      ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-keyout', pair.key, '-out', request],
    ]);
    await openssl([
      ...['x509', '-req', '-in', request, '-CA', this.cert, '-CAkey', this.#key, '-days', '2'],
      ...['-set_serial', `0x${Math.floor(Math.random() * 2 ** 40).toString(16)}01`, '-extfile', extensions, '-out', pair.cert],
    ]);
    return pair;
  }
}

const openssl = async (args: readonly string[]): Promise<void> => {
  await run(requireProgram('openssl'), args);
};
