// A plain Express 5 application that decides nothing.
import { createServer } from 'node:http';
import express from 'express';
import { headers, listening } from './reply.mjs';

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.use((_request, response) => {
  response.sendDate = false;
  for (const [name, value] of headers) response.setHeader(name, value);
  response.setHeader('Content-Length', '0');
  response.end();
});

listening(createServer(app));
