import { createServer } from 'node:net';
import type { Endpoint, ServerRoom } from '../../src/index.js';

/** Answers every request of nginx with the same head and writes the requests down: just enough to try the harness on. */
export const fakeAuth = async (room: ServerRoom, answer: (request: string) => string): Promise<Endpoint & { requests: string[] }> => {
  const requests: string[] = [];
  const path = room.path('auth.sock');
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.setEncoding('utf8').on('data', (request: string | Buffer) => {
      requests.push(request.toString());
      socket.end(`HTTP/1.0 200 OK\r\n${answer(request.toString())}\r\n\r\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen({ path }, resolve));
  room.onClose(() => new Promise((resolve) => server.close(() => resolve())));
  return { path, requests };
};
