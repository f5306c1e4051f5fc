// The least a server on node:net can do: read to the blank line, write a fixed reply.
import { createServer } from 'node:net';
import { headers, listening } from './reply.mjs';

const reply = Buffer.from(`HTTP/1.0 200 OK\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`, 'latin1');

const server = createServer((socket) => {
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    if (received.includes('\r\n\r\n')) socket.end(reply);
  });
  socket.on('error', () => undefined);
});

listening(server);
