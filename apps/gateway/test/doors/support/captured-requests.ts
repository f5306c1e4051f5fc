import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Captured {
  readonly name: string;
  readonly requests: readonly { readonly base64: string }[];
}

const file = join(import.meta.dirname, '../../../../../packages/auth-http/test/fixtures/nginx-1.22-auth-http-requests.jsonl');

/** Every request of a real nginx that was recorded, byte for byte. */
export const capturedRequests: readonly Buffer[] = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .flatMap((line) => (JSON.parse(line) as Captured).requests.map(({ base64 }) => Buffer.from(base64, 'base64')));
