// The load generator's process, as the rest sees it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { key, users } from './servers.mjs';

export const startGenerator = async () => {
  const child = fork(join(import.meta.dirname, 'load.mjs'), { execArgv: ['--no-deprecation'] });
  await once(child, 'message');
  return {
    pid: child.pid,
    /** Asks `port`; `limits`: `{ ms }` or `{ requests }`, or `{ pace, requests }` for so many a second. */
    run: async (port, limits, concurrency = 50) => {
      child.send({ port, users, key, concurrency, ...limits });
      const [result] = await once(child, 'message');
      return result;
    },
    stop: () => child.disconnect(),
  };
};

/** One question by hand: a server that does not answer as it should must not be measured. Resolves to the answer. */
export const probe = async ({ port }, { name, expect }) => {
  const socket = connect(port, '127.0.0.1');
  socket.write(
    `GET /auth HTTP/1.0\r\nHost: 127.0.0.1\r\nAuth-Method: plain\r\nAuth-User: ${users[0]}\r\nAuth-Pass: pw\r\nAuth-Protocol: imap\r\n` +
      `Auth-Login-Attempt: 1\r\nClient-IP: 192.0.2.7\r\nX-Auth-Key: ${key}\r\n\r\n`,
  );
  let text = '';
  for await (const chunk of socket) text += chunk.toString('latin1');
  if (!text.includes(expect)) throw new Error(`${name} does not answer as it should: ${JSON.stringify(text)}`);
  return text;
};
