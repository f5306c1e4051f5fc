export interface ShimFacts {
  readonly address: string;
  readonly tls: boolean;
  /** In nginx's words, longer than a gateway takes for an answer at most: whoever is later than that is asked no more. */
  readonly timeout: string;
}

/** How an nginx on another host reaches the proxy door; lines to be commented out. */
export const httpShim = (proxy: ShimFacts): readonly string[] => [
  `For an nginx on another host, which asks at the proxy door (${proxy.address}): nginx's mail module speaks no TLS`,
  'and never fails over, so an http{} server on the loopback of that host carries the question. Point auth_http above to it.',
  '',
  'http {',
  '    upstream postern {',
  '        zone postern 64k;',
  `        server ${proxy.address} max_fails=3 fail_timeout=1s;   # as that host reaches it; one such line for each gateway`,
  '        keepalive 16;',
  '    }',
  '    server {',
  '        listen 127.0.0.1:9143;',
  '        large_client_header_buffers 4 128k;',
  '        access_log off;',
  '        location / {',
  `            proxy_pass ${proxy.tls ? 'https' : 'http'}://postern;`,
  '            proxy_http_version 1.1;',
  '            proxy_set_header Connection "";',
  '            proxy_next_upstream error timeout;',
  '            proxy_connect_timeout 1s;',
  `            proxy_read_timeout ${proxy.timeout};`,
  ...(proxy.tls ? shimTls : []),
  '        }',
  '    }',
  '}',
];

const shimTls: readonly string[] = [
  '            proxy_ssl_verify on;',
  '            proxy_ssl_name gateway.example.org;',
  '            proxy_ssl_trusted_certificate /etc/nginx/tls/gateway-ca.crt;',
  '            # and proxy_ssl_certificate with proxy_ssl_certificate_key where proxy.tls.clientCa asks for them',
];
