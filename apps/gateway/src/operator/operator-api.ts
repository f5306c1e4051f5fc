import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import type { Log } from '@postern/contract';
import type { z } from 'zod';
import { bansQuery, flushRequest } from './api-schemas.js';
import { only } from './only.js';
import { openApi } from './open-api.js';
import type { Operations } from './operations.js';

export interface OperatorApiParts {
  readonly operations: Operations;
  readonly log: Log;
}

const maxBodyBytes = 4096;

/** `/api/v1`. Whoever comes here has shown the token, where there is one, and is no page of another site. Every change is a line in the log. */
export const operatorApi = ({ operations, log }: OperatorApiParts): Router => {
  const api = express.Router({ caseSensitive: true, strict: true });
  only(api, '/openapi.json', { get: (_request, response) => void response.json(openApi) });
  api.use('/cache/flush', jsonOnly, express.json({ limit: maxBodyBytes, type: 'application/json', inflate: false }));
  only(api, '/cache/flush', {
    post: (request, response) => {
      const wish = read(flushRequest, request.body, response);
      if (wish === undefined) return;
      const flushed = operations.flush(wish);
      if (flushed.kind === 'malformed') return void response.status(400).json({ error: flushed.why });
      log.info('the operator flushed what is remembered', { ...flushed.change, from: from(request) });
      response.json({ flushed: flushed.change });
    },
  });
  only(api, '/bans', {
    get: async (request, response) => {
      const query = read(bansQuery, request.query, response);
      if (query !== undefined) response.json(await operations.bans(query.most));
    },
  });
  only(api, '/bans/:id', {
    delete: async (request, response) => {
      const id = String(request.params['id']);
      const lifted = await operations.lift(id);
      if (lifted === 'lifted') log.info('the operator lifted a ban', { ban: id, from: from(request) });
      answerLift(lifted, id, response);
    },
  });
  return api;
};

const answerLift = (lifted: Awaited<ReturnType<Operations['lift']>>, id: string, response: Response): void => {
  switch (lifted) {
    case 'lifted':
      response.json({ lifted: id });
      break;
    case 'unknown':
      response.status(404).json({ error: 'there is no such ban', hint: 'GET /api/v1/bans lists them; bans end by themselves.' });
      break;
    case 'unavailable':
      response.status(503).json({ error: 'the policy cannot tell just now', hint: 'The log says why. Try again.' });
      break;
  }
};

/** A page of another site can send a form without asking, but not this type. */
const jsonOnly: RequestHandler = (request, response, next) => {
  if (request.method !== 'POST' || request.is('application/json') === 'application/json') {
    next();
    return;
  }
  response.status(415).json({ error: 'unsupported media type', hint: 'Send a body with "Content-Type: application/json".' });
};

/** Answers 400 in words when it does not fit. */
const read = <T>(schema: z.ZodType<T>, input: unknown, response: Response): T | undefined => {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const words = result.error.issues.map(({ path, message }) => [path.join('.'), message].filter((part) => part !== '').join(': '));
  response.status(400).json({ error: words.join('; ') });
  return undefined;
};

const from = (request: Request): string => request.socket.remoteAddress ?? 'unix:';
