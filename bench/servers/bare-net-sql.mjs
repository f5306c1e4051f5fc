// What a door with one connection a login cannot do better: node:net, one prepared query for each, and nobody looks at the hash.
import { createServer } from 'node:net';
import pg from 'pg';
import { headers, listening } from './reply.mjs';

const [, , , url, connections] = process.argv;
const pool = new pg.Pool({ connectionString: url, max: Number(connections) });
const reply = Buffer.from(`HTTP/1.0 200 OK\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`, 'latin1');

const answer = async (socket, user) => {
  const { rows } = await pool.query({ name: 'find', text: 'select password from users where email = $1', values: [user] });
  if (rows.length === 1) socket.end(reply);
  else socket.destroy();
};

const server = createServer((socket) => {
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    if (received.includes('\r\n\r\n')) void answer(socket, /\r\nAuth-User: (.*)\r\n/.exec(received)?.[1]);
  });
  socket.on('error', () => undefined);
});

listening(server);
