import { readFileSync } from 'node:fs';
import { bound, done, type Answering } from './scripted-directory.js';
import { readNode } from './ber.js';

/** What a real server answered. All answers are hexadecimal, whole, under the message numbers of the recording. */
export interface Recording {
  /** Product and version. */
  readonly product: string;
  readonly recorded: string;
  readonly base: string;
  readonly filter: string;
  readonly cases: readonly RecordedLogin[];
  /** To single requests. */
  readonly answers: Readonly<Record<string, string>>;
}

export interface RecordedLogin {
  readonly name: string;
  /** Who logs in. */
  readonly user: string;
  /** To the service account's search for them, references to other servers included. */
  readonly search: string;
  /** To the bind as the entry that was found. */
  readonly bind?: string;
  /** To the question whether the entry meets `require`. */
  readonly require?: string;
}

export const recording = (name: string): Recording =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as Recording;

export const loginCalled = ({ cases }: Recording, name: string): RecordedLogin => {
  const found = cases.find((each) => each.name === name);
  if (found === undefined) throw new Error(`nothing called ${JSON.stringify(name)} was recorded`);
  return found;
};

/** The same bytes as the answer to another request: the number alone is another one, of one byte as it was. */
export const renumbered = (recorded: string, id: number): Buffer => {
  if (id > 0x7f) throw new Error('the recording has no room for this number');
  const bytes = Buffer.from(recorded, 'hex');
  for (let at = 0; at < bytes.length;) {
    const { node: message, size } = readNode(bytes.subarray(at)) ?? { size: 0 };
    if (message === undefined) throw new Error('the recording is cut off');
    // Tag and length of the number, then the number.
    bytes[at + size - message.value.length + 2] = id;
    at += size;
  }
  return bytes;
};

const nobodysFilter = 'nobody@postern.invalid';

/** Answers as the server did in one login; takes the service account, and finds nobody at the start. */
export const asRecorded =
  ({ search, bind, require }: RecordedLogin, service: string): Answering =>
  (request, { write }) => {
    if (request.kind === 'bind')
      return write(request.name === service || bind === undefined ? bound(request.id) : renumbered(bind, request.id));
    if (request.kind !== 'search') return;
    if (request.base === '' || request.filter.value.includes(nobodysFilter)) return write(done(request.id));
    if (require !== undefined && request.attributes.join() === '1.1') return write(renumbered(require, request.id));
    write(renumbered(search, request.id));
  };

/** Answers every search or every bind with the same recorded message. */
export const always =
  (kind: 'bind' | 'search', recorded: string): Answering =>
  (request, { write }) => {
    if (request.kind === kind) write(renumbered(recorded, request.id));
    else if (request.kind === 'bind') write(bound(request.id));
    else if (request.kind === 'search') write(done(request.id));
  };
