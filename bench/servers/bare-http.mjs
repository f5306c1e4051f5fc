// The least a server on node:http can do.
import { createServer } from 'node:http';
import { headers, listening } from './reply.mjs';

const lines = [...headers.flat(), 'Content-Length', '0'];

const server = createServer((_request, response) => {
  response.sendDate = false;
  response.writeHead(200, lines);
  response.end();
});

listening(server);
