import { readFileSync } from 'node:fs';

export interface CapturedRequests {
  readonly name: string;
  readonly protocol: 'imap' | 'pop3' | 'smtp';
  readonly listener: string;
  readonly dialogue: readonly { readonly client?: string; readonly nginx?: string; readonly event?: string }[];
  readonly requests: readonly { readonly base64: string; readonly text: string }[];
}

export interface CapturedResponse {
  readonly name: string;
  readonly protocol: 'imap' | 'pop3' | 'smtp';
  readonly listener: string;
  readonly delivery: string;
  readonly auth_response: { readonly base64: string; readonly text: string };
  readonly auth_requests: number;
  readonly client_saw: { readonly text: string };
  readonly seconds: number;
  readonly connection: 'open' | 'closed';
}

const lines = (name: string): readonly unknown[] =>
  readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);

/** What Debian's nginx 1.22.1 asked. */
export const capturedRequests: readonly CapturedRequests[] = lines('nginx-1.22-auth-http-requests.jsonl') as readonly CapturedRequests[];

/** What it made of answers. */
export const capturedResponses: readonly CapturedResponse[] = lines('nginx-1.22-auth-http-responses.jsonl') as readonly CapturedResponse[];

/** The requests of one conversation. */
export const requestsOf = (name: string): readonly Buffer[] => {
  const found = capturedRequests.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no conversation is called ${name}`);
  return found.requests.map(({ base64 }) => Buffer.from(base64, 'base64'));
};
