import assert from 'node:assert/strict';

export interface Reply {
  readonly statusLine: string;
  readonly headers: ReadonlyMap<string, string>;
  /** `Auth-Status`. */
  readonly status: string;
}

/** Reads one reply that nginx would take, and nothing behind it. Throws when it is not exactly that. */
export const readReply = (bytes: Buffer): Reply => {
  const text = bytes.toString('latin1');
  assert.match(
    text,
    /^HTTP\/1\.[01] 200 OK\r\n(?:[A-Za-z0-9][A-Za-z0-9-]*: [^\r\n\t]+\r\n)+\r\n$/,
    `no well-formed reply: ${JSON.stringify(text)}`,
  );
  assert.ok(bytes.length <= 1024, 'a reply has at most 1024 bytes');
  const [statusLine = '', ...lines] = text.trimEnd().split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:]+): (.*)$/.exec(line) ?? [];
    assert.ok(!headers.has(name), `${name} comes twice`);
    headers.set(name, value);
  }
  const status = headers.get('Auth-Status');
  assert.ok(status !== undefined && status !== 'WAIT', 'a reply has a status');
  assert.equal(headers.has('Auth-Server'), status === 'OK');
  return { statusLine, headers, status };
};

/** A reply that lets nobody in and says that it is no matter of the password. */
export const readDenial = (bytes: Buffer): Reply => {
  const reply = readReply(bytes);
  assert.notEqual(reply.status, 'OK');
  assert.match(reply.status, /temporar|unavailable|later/i);
  return reply;
};
