import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decode, HeadReader } from '@postern/auth-http';
import { Networks } from '@postern/contract';
import { httpAsker, nginxAsker, questionHead, type DoorQuestion } from '../../src/cli/doctor/door-question.js';
import { answers, floods, says, ScriptedServer, stalls, type Script } from './support/scripted-server.js';

const question: DoorQuestion = {
  user: 'us er%+@exä.com',
  password: 'p%+ \u0001é',
  protocol: 'smtp',
  clientIp: '::1',
  tls: true,
  key: 's3 cret',
};

let closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
});

const server = async (script: Script): Promise<ScriptedServer> => {
  const scripted = await ScriptedServer.start(script);
  closing.push(() => scripted.stop());
  return scripted;
};

describe('a question as nginx asks it', () => {
  it('has nginx’s fields in nginx’s order, escaped as nginx does', () => {
    expect(questionHead(question, '127.0.0.1')).toBe(
      [
        'GET /auth HTTP/1.0',
        'Host: 127.0.0.1',
        'Auth-Method: plain',
        'Auth-User: us%20er%25+@ex\u00c3\u00a4.com',
        'Auth-Pass: p%25+%20%01\u00c3\u00a9',
        'Auth-Protocol: smtp',
        'Auth-Login-Attempt: 1',
        'Client-IP: ::1',
        'Client-Host: [UNAVAILABLE]',
        'Auth-SSL: on',
        'Auth-SSL-Protocol: TLSv1.3',
        'Auth-SSL-Cipher: TLS_AES_256_GCM_SHA384',
        'X-Auth-Key: s3 cret',
        '\r\n',
      ].join('\r\n'),
    );
  });

  it('is what the gateway reads as the same login', () => {
    const reading = new HeadReader(65_536).push(Buffer.from(questionHead(question, 'localhost'), 'latin1'));
    if (reading.kind !== 'complete') throw new Error(reading.kind);
    const decoded = decode(reading.head.headers, { trustedProxies: new Networks([]) });
    expect(decoded).toMatchObject({
      attempt: { rawUser: question.user, proof: { password: question.password }, client: { ip: '::1' }, tls: {} },
    });
  });

  it.each<[string, Script, string]>([
    ['says nothing', stalls(), 'no answer within 200 ms'],
    ['stops within its answer', stalls('HTTP/1.0 200 OK\r\nAuth-Sta'), 'no answer within 200 ms'],
    ['hangs up within its answer', says('HTTP/1.0 200 OK\r\nAuth-Sta'), 'breaks off'],
    ['hangs up', says(''), 'no HTTP'],
    ['says what means nothing', says('\u00c1\u00e0\u001b[31m\r\n\r\n'), 'no HTTP'],
    ['never stops', floods('x'.repeat(1000)), 'more than 65536 bytes'],
    ['resets the connection', (socket) => socket.once('data', () => socket.resetAndDestroy()), 'ECONNRESET'],
  ])('a door that %s is told of in a sentence', async (_what, script, why) => {
    const { address } = await server(script);
    const ms = why.startsWith('no answer') ? 200 : 10_000;
    expect(await nginxAsker(address, ms)(question)).toMatchObject({ why: expect.stringContaining(why) });
  });

  it('nobody there is told of, too', async () => {
    const gone = await ScriptedServer.start(says(''));
    const { address } = gone;
    await gone.stop();
    expect(await nginxAsker(address, 200)(question)).toMatchObject({ kind: 'silent', why: expect.stringContaining('nobody listens') });
    expect(await nginxAsker({ kind: 'unix', path: '/nowhere/auth.sock' }, 200)(question)).toMatchObject({
      why: expect.stringContaining('ENOENT'),
    });
  });

  it('an answer that is not followed by the end of the connection is an answer, as for nginx', async () => {
    const { address } = await server(stalls('HTTP/1.0 200 OK\r\nAuth-Status: OK\r\nAuth-Server: ::1\r\nAuth-Port: 1\r\n\r\n'));
    expect(await nginxAsker(address, 30_000)(question)).toEqual({ kind: 'placed', server: '::1', port: 1 });
  });
});

describe('a question over HTTP/1.1', () => {
  const web = async (handle: Parameters<typeof createServer>[1]): Promise<AddressInfo> => {
    const http: Server = createServer(handle);
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    closing.push(async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    });
    return http.address() as AddressInfo;
  };

  it('carries the same fields', async () => {
    const heard: NodeJS.Dict<string | string[]>[] = [];
    const { port } = await web((request, response) => {
      heard.push(request.headers);
      response.writeHead(200, { 'Auth-Status': 'OK', 'Auth-Server': '10.0.0.1', 'Auth-Port': '25' }).end();
    });
    const ask = httpAsker({ kind: 'tcp', host: '127.0.0.1', port }, 5000, false);
    expect(await ask({ ...question, user: 'bob', password: 'pw' })).toEqual({ kind: 'placed', server: '10.0.0.1', port: 25 });
    expect(heard[0]).toMatchObject({ 'auth-user': 'bob', 'auth-pass': 'pw', 'auth-protocol': 'smtp', 'x-auth-key': 's3 cret' });
  });

  it('a silent door, one that hangs up and one that speaks no HTTP end in a sentence', async () => {
    const { port } = await web(() => undefined);
    expect(await httpAsker({ kind: 'tcp', host: '127.0.0.1', port }, 100, false)(question)).toMatchObject({
      why: expect.stringContaining('100 ms'),
    });
    for (const script of [says(''), says('garbage\r\n\r\n'), answers(() => 'HTTP/1.1 2\r\n\r\n')]) {
      const { address } = await server(script);
      expect(await httpAsker(address, 1000, false)(question)).toMatchObject({ kind: 'silent', why: expect.any(String) });
      expect(await httpAsker(address, 1000, true)(question)).toMatchObject({ kind: 'silent', why: expect.any(String) });
    }
  });
});
