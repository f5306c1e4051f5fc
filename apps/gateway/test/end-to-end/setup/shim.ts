import { CertificateAuthority, requireProgram, ServerProcess, type KeyPair, type ServerRoom } from '@postern/testkit';
import { shimTimeout } from '../../../src/cli/nginx-block.js';
import { httpShim } from '../../../src/cli/nginx-shim.js';

/** What gateways and a shim must have to trust each other. */
export interface ShimPlace {
  readonly authority: CertificateAuthority;
  readonly server: KeyPair;
  readonly client: KeyPair;
}

export const shimPlace = async (room: ServerRoom): Promise<ShimPlace> => {
  const authority = await CertificateAuthority.create(room, 'door authority');
  const [server, client] = await Promise.all([authority.server(), authority.client({ commonName: 'shim' })]);
  return { authority, server, client };
};

/** `proxy.tls` of a gateway's config. */
export const doorTls = ({ authority, server }: ShimPlace): object => ({ cert: server.cert, key: server.key, clientCa: authority.cert });

/** The block as `postern nginx` prints it, with what a person must fill in, and a server line for each gateway. */
const shimBlock = (port: number, gateways: readonly string[], { authority, client }: ShimPlace, deadlineMs = 5000): string => {
  const printed = httpShim({ address: 'THE-GATEWAY', tls: true, timeout: shimTimeout(deadlineMs) });
  return printed
    .slice(printed.indexOf('http {'))
    .join('\n')
    .replace(/^( *server )THE-GATEWAY( [^;]*;).*$/m, (_line, before: string, after: string) =>
      gateways.map((gateway) => before + gateway + after).join('\n'),
    )
    .replace('listen 127.0.0.1:9143;', `listen 127.0.0.1:${port};`)
    .replace('gateway.example.org', 'mail.example.org')
    .replace('/etc/nginx/tls/gateway-ca.crt', authority.cert)
    .replace(/# and proxy_ssl_certificate .*$/m, `proxy_ssl_certificate ${client.cert};\nproxy_ssl_certificate_key ${client.key};`);
};

const shimConfig = (folder: string, block: string): string => {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`);
  const filled = block.replace('http {', `http {\n${temporary.join('\n')}`);
  const user = process.getuid?.() === 0 ? 'user root;\n' : '';
  return `${user}daemon off;\nworker_processes 1;\npid ${folder}/nginx.pid;\nerror_log stderr info;\nevents { }\n${filled}\n`;
};

/** An nginx that is nothing but the shim; `gateways` as `HOST:PORT`. */
export const startShim = async (
  room: ServerRoom,
  port: number,
  gateways: readonly string[],
  place: ShimPlace,
  deadlineMs?: number,
): Promise<ServerProcess> => {
  const file = await room.write('shim/nginx.conf', shimConfig(room.path('shim'), shimBlock(port, gateways, place, deadlineMs)));
  const args = ['-e', 'stderr', '-p', room.path('shim'), '-c', file];
  const shim = ServerProcess.start(room, { name: 'shim', command: requireProgram('nginx'), args });
  await shim.untilAccepts({ host: '127.0.0.1', port });
  return shim;
};
