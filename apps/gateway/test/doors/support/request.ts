export type Field = readonly [string, string];

export const plainLogin: readonly Field[] = [
  ['Host', '127.0.0.1'],
  ['Auth-Method', 'plain'],
  ['Auth-User', 'u0001@example.org'],
  ['Auth-Pass', 'pw'],
  ['Auth-Protocol', 'imap'],
  ['Auth-Login-Attempt', '1'],
  ['Client-IP', '127.0.0.1'],
  ['X-Auth-Key', 's3cret-key'],
];

export interface RequestParts {
  readonly target?: string;
  readonly method?: string;
  readonly version?: string;
  /** Take the place of fields of `plainLogin` with the same name, or come last. */
  readonly fields?: readonly Field[];
}

/** A request as nginx writes it. Characters are bytes. */
export const request = ({ target = '/auth', method = 'GET', version = '1.0', fields = [] }: RequestParts = {}): Buffer => {
  const instead = new Map(fields);
  const kept = plainLogin.map(([name, value]): Field => [name, instead.get(name) ?? value]);
  const added = fields.filter(([name]) => !plainLogin.some(([known]) => known === name));
  return requestOf([...kept, ...added], `${method} ${target} HTTP/${version}`);
};

/** Exactly these fields. */
export const requestOf = (fields: readonly Field[], line = 'GET /auth HTTP/1.0'): Buffer =>
  Buffer.from(`${[line, ...fields.map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n`, 'latin1');

export const login = request();
