import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { percentEscape, type HeaderField } from '@postern/auth-http';
import type { Protocol } from '@postern/contract';
import type { ListenAddress } from '@postern/kernel';
import { readReply, replyOf, type DoorReply } from './door-reply.js';
import { reasonOf, Talk } from './talk.js';

/** What nginx would ask. */
export interface DoorQuestion {
  readonly user: string;
  readonly password: string;
  readonly protocol: Protocol;
  readonly clientIp: string;
  /** Whether the mail client is said to use TLS. */
  readonly tls: boolean;
  /** Absent: none is sent. */
  readonly key?: string | undefined;
}

/** Puts one question on a connection of its own. Never rejects. */
export type AskDoor = (question: DoorQuestion) => Promise<DoorReply>;

const maxReplyBytes = 65_536;

const bytesOf = (text: string): string => percentEscape(Buffer.from(text).toString('latin1'));

/** In nginx's order and spelling (`ngx_mail_auth_http_create_request`). */
const fieldsOf = ({ user, password, protocol, clientIp, tls, key }: DoorQuestion): readonly HeaderField[] => [
  ['Auth-Method', 'plain'],
  ['Auth-User', bytesOf(user)],
  ['Auth-Pass', bytesOf(password)],
  ['Auth-Protocol', protocol],
  ['Auth-Login-Attempt', '1'],
  ['Client-IP', clientIp],
  ...(protocol === 'smtp' ? [['Client-Host', '[UNAVAILABLE]'] as const] : []),
  ...(tls
    ? ([
        ['Auth-SSL', 'on'],
        ['Auth-SSL-Protocol', 'TLSv1.3'],
        ['Auth-SSL-Cipher', 'TLS_AES_256_GCM_SHA384'],
      ] as const)
    : []),
  ...(key === undefined ? [] : [['X-Auth-Key', key] as const]),
];

/** The bytes of a question, as latin1. */
export const questionHead = (question: DoorQuestion, host: string): string => {
  const lines = fieldsOf(question).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET /auth HTTP/1.0\r\nHost: ${host}\r\n${lines.join('')}\r\n`;
};

/** Asks as nginx's mail module does. `ms`: for one question. */
export const nginxAsker =
  (address: ListenAddress, ms: number): AskDoor =>
  async (question) => {
    let talk: Talk | undefined;
    try {
      talk = await Talk.open(address, { ms, bytes: maxReplyBytes });
      talk.send(questionHead(question, address.kind === 'unix' ? 'localhost' : address.host));
      return readReply(await talk.head(), question.protocol);
    } catch (error) {
      return { kind: 'silent', why: reasonOf(error) };
    } finally {
      talk?.close();
    }
  };

/** Asks as the shim of a mail proxy on another host does: over HTTP/1.1. The certificate of a gateway's own door is not judged. */
export const httpAsker =
  (address: ListenAddress, ms: number, tls: boolean): AskDoor =>
  (question) =>
    new Promise((resolve) => {
      const silent = (error: unknown): void => resolve({ kind: 'silent', why: reasonOf(error) });
      const target = address.kind === 'unix' ? { socketPath: address.path } : { host: address.host, port: address.port };
      const options = { ...target, path: '/auth', agent: false, headers: Object.fromEntries(fieldsOf(question)) };
      try {
        const sent = tls ? requestHttps({ ...options, rejectUnauthorized: false }) : requestHttp(options);
        const timer = setTimeout(() => sent.destroy(new Error(`there was no answer within ${ms} ms`)), ms);
        sent.on('response', ({ rawHeaders }) => {
          resolve(replyOf(pairs(rawHeaders), question.protocol));
          sent.destroy();
        });
        sent.on('error', silent).on('close', () => {
          clearTimeout(timer);
          silent(new Error('it closed the connection before it had answered'));
        });
        sent.end();
      } catch (error) {
        silent(error);
      }
    });

const pairs = (raw: readonly string[]): readonly HeaderField[] =>
  raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : []));
