import { duration, filePath, secret } from '@postern/contract';
import { z } from 'zod';

/** The plugin's `with`. Every field is described: that becomes `postern schema` and the editor's completion. */
export const tokensConfig = z.strictObject({
  url: z.url({ protocol: /^https$/ }).describe('Where the service is, for example https://tokens.internal:8443.'),
  ca: filePath().describe('PEM file of the authority that signed the certificate of the service.'),
  cert: filePath().describe('PEM file of our own certificate.'),
  key: filePath().describe('PEM file of its key.'),
  pepper: secret().describe('A long random text, the same in every process: what is remembered of a token is bound to it.'),
  rememberFor: duration().prefault('30s').describe('How long an accepted token is good without asking again.'),
  timeout: duration().prefault('2s').describe('How long the service may take.'),
});

export type TokensConfig = z.output<typeof tokensConfig>;
