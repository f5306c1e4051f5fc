import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '@postern/testkit';
import { imapPlugin } from '../src/index.js';

const parse = (input: unknown): ReturnType<typeof imapPlugin.config.parse> => parseConfig(imapPlugin, input);
const warnings = (input: unknown): readonly string[] =>
  (imapPlugin.inspect?.(parse(input)).advice ?? []).map(({ severity, message }) => `${severity} ${message}`);

describe('the server', () => {
  it.each([
    ['route', { kind: 'route' }],
    ['imap://mail.example.org', { kind: 'fixed', host: 'mail.example.org', port: 143, tls: false }],
    ['imaps://mail.example.org', { kind: 'fixed', host: 'mail.example.org', port: 993, tls: true }],
    ['imaps://[2001:db8::1]:1993', { kind: 'fixed', host: '2001:db8::1', port: 1993, tls: true }],
    ['imap://192.0.2.1:1143/', { kind: 'fixed', host: '192.0.2.1', port: 1143, tls: false }],
  ])('%s', (server, address) => expect(parse({ server }).server).toEqual(address));

  it.each([
    'mail.example.org',
    'pop3://x',
    'imap://',
    'imap://a:0',
    'imap://a:65536',
    'imap://user:password@a',
    'imap://a/INBOX',
    'imap://a?x',
    'imap://1.2.3',
    'IMAP://a',
    'routes',
    'imap://route/x',
  ])('%s is none', (server) => expect(() => parse({ server })).toThrow('expected imap://HOST'));
});

it.each([
  [{ server: 'imaps://a', startTls: true }, 'encrypted from the start'],
  [{ server: 'imap://a', tls: {} }, '`tls` is for'],
  [{ server: 'route', tls: {} }, '`tls` is for'],
  [{ server: 'imaps://a', tls: { verify: false } }, 'Unrecognized key'],
  [{ server: 'imaps://a', tls: { minVersion: 'TLSv1' } }, 'tls.minVersion'],
  [{ server: 'imaps://a', tls: { ca: './nothing.pem' } }, 'tls.ca: the file'],
  [{ server: 'imaps://a', concurrency: 0 }, 'concurrency'],
  [{ server: 'imaps://a', login: 'ann' }, 'login'],
  [{}, 'server'],
])('%j is refused', (input, message) => expect(() => parse(input)).toThrow(message));

it('passwords in clear text over a network are warned of', () => {
  expect(warnings({ server: 'imap://mail.example.org' })).toEqual(['warning passwords go over the network in clear text.']);
  for (const server of ['imap://localhost', 'imap://127.0.0.2', 'imap://[::1]', 'imaps://mail.example.org', 'route'])
    expect(warnings({ server })).toEqual([]);
  expect(warnings({ server: 'imap://mail.example.org', startTls: true })).toEqual([]);
});

it('says that it asks the routers where it does', () => {
  expect(imapPlugin.inspect?.(parse({ server: 'route', startTls: true, tls: {} })).asksRoutes).toBe(true);
  expect(imapPlugin.inspect?.(parse({ server: 'imap://a' })).asksRoutes).toBe(false);
});
