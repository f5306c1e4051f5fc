import { expect } from '@jest/globals';
import { readReply, type Reply } from '../../doors/support/reply.js';

/** All that a reply may ever hold. */
const known =
  /^(?:Auth-(?:Status|Server|Port|User|Pass|Wait|Error-Code)|Server|Date|Connection|Keep-Alive|Content-Length|Content-Type|X-Postern-[A-Za-z-]+)$/;

/** One reply of at most 1024 bytes with nothing in it that did not come from the gateway itself. */
export const expectHarmless = (bytes: Buffer, about: unknown): Reply => {
  const reply = readReply(bytes);
  const strange = [...reply.headers.keys()].filter((name) => !known.test(name));
  expect({ about, strange }).toEqual({ about, strange: [] });
  // Bytes beyond ASCII are UTF-8 and go where nginx takes them.
  for (const value of reply.headers.values()) expect(value).toMatch(/^[^\x00-\x1f\x7f]+$/);
  const server = reply.headers.get('Auth-Server');
  if (server !== undefined) expect(server).toMatch(/^(?:[0-9.]+|[0-9a-f:]+)$/);
  return reply;
};
