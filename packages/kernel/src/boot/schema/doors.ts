import { filePath, secret } from '@postern/contract';
import { z } from 'zod';
import { listen } from './listen.js';

const tls = z
  .strictObject({
    cert: filePath().describe('PEM file with the certificate chain.'),
    key: filePath().describe('PEM file with the private key.'),
    clientCa: filePath().optional().describe('PEM file; callers must then show a certificate signed by it.'),
  })
  .describe('TLS for this door.');

export const proxySchema = z
  .strictObject({
    listen: listen().describe('Address of the Express door, or a list.'),
    tls: tls.optional(),
  })
  .optional()
  .describe('The Express door (HTTP/1.1, keep-alive, TLS), for an nginx http{} shim on another host.');

export const operatorSchema = z
  .strictObject({
    listen: listen().prefault('127.0.0.1:9144').describe('Address of health, metrics, API and console, or a list.'),
    token: secret().optional().describe('Bearer token; required off loopback.'),
  })
  .optional()
  .describe("The operator's door; never nginx's socket. Absent: there is none.");

export type ProxyConfig = NonNullable<z.output<typeof proxySchema>>;
