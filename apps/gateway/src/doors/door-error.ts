export type DoorErrorCode = 'in-use' | 'not-permitted' | 'bad-address' | 'bad-path' | 'bad-tls' | 'failed';

/** A door that cannot be opened: an operator's mistake. `message` is one sentence for them; `hint` says what to do. */
export class DoorError extends Error {
  override readonly name = 'DoorError';
  readonly code: DoorErrorCode;
  readonly hint: string;

  constructor(code: DoorErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.hint = hint;
  }
}

interface Words {
  readonly code: DoorErrorCode;
  readonly why: string;
  readonly hint: string;
}

const words: ReadonlyMap<string, Words> = new Map([
  ['EADDRINUSE', { code: 'in-use', why: 'another process listens there', hint: 'Stop the other process or choose another address.' }],
  ['EACCES', { code: 'not-permitted', why: 'this user may not', hint: 'Choose a port above 1023, or a folder this user may write to.' }],
  ['EPERM', { code: 'not-permitted', why: 'this user may not', hint: 'Choose a port above 1023, or a folder this user may write to.' }],
  ['EADDRNOTAVAIL', { code: 'bad-address', why: 'this machine has no such address', hint: 'Use one of its own addresses, or 127.0.0.1.' }],
  ['EAFNOSUPPORT', { code: 'bad-address', why: 'this machine does not speak that address family', hint: 'Use an IPv4 address.' }],
  ['ENOTFOUND', { code: 'bad-address', why: 'the name has no address', hint: 'Use an IP address.' }],
  ['EAI_AGAIN', { code: 'bad-address', why: 'the name could not be looked up', hint: 'Use an IP address.' }],
  ['ENOTDIR', { code: 'bad-path', why: 'part of the path is no folder', hint: 'Mend the path.' }],
  ['ENAMETOOLONG', { code: 'bad-path', why: 'the path is too long for a unix socket', hint: 'Choose a path of at most 100 bytes.' }],
  [
    'EINVAL',
    { code: 'bad-address', why: 'the address is not valid', hint: 'Choose another address; a unix path may have at most 100 bytes.' },
  ],
] as const satisfies readonly (readonly [string, Words])[]);

/** What the system said to `listen`, in one sentence. */
export const listenError = (address: string, cause: unknown): DoorError => {
  if (cause instanceof DoorError) return cause;
  const system = (cause as NodeJS.ErrnoException | undefined)?.code ?? 'unknown error';
  const known = words.get(system);
  if (known === undefined) return new DoorError('failed', `cannot listen on ${address}: ${system}`, 'See the system error.', cause);
  return new DoorError(known.code, `cannot listen on ${address}: ${known.why} (${system})`, known.hint, cause);
};
