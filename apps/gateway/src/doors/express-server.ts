import { createServer, IncomingMessage, ServerResponse, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { TlsOptions } from 'node:tls';
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import type { Turn } from './turn.js';

/** Serves one request. Must not throw; `fail` is for what Express itself runs into. */
export interface RequestServer {
  serve(request: IncomingMessage, response: ServerResponse): void;
  fail(request: IncomingMessage, response: ServerResponse, cause: unknown): void;
}

/**
 * An Express application on a server whose requests and responses are born with Express's methods.
 *
 * Express calls `Object.setPrototypeOf` on each request and response; before V8 13 that makes them slow objects, and a bare
 * application costs 2 to 5 times the CPU of `node:http` on Node 20 (express #5998, #3211; nodejs/node #37457). With the methods
 * copied to real subclasses, and the subclasses' prototypes given to Express, its call changes nothing.
 */
export const createExpressServer = (handler: RequestServer, turn: Turn, options: ServerOptions, tls?: TlsOptions): Server => {
  class DoorRequest extends IncomingMessage {}
  class DoorResponse extends ServerResponse<DoorRequest> {}
  const app = application(handler);
  copyMethods(app.request, IncomingMessage.prototype, DoorRequest.prototype);
  copyMethods(app.response, ServerResponse.prototype, DoorResponse.prototype);
  app.request = DoorRequest.prototype as typeof app.request;
  app.response = DoorResponse.prototype as typeof app.response;
  const all = { ...options, IncomingMessage: DoorRequest, ServerResponse: DoorResponse };
  // Express passes by a path that it cannot read, and would say 404 itself: that is no answer to nginx (rule 43).
  const passedBy = (request: DoorRequest, response: DoorResponse, cause: unknown): void => {
    if (cause === undefined) handler.serve(request, response);
    else handler.fail(request, response, cause);
  };
  const hear = (request: DoorRequest, response: DoorResponse): void => {
    turn.add(() => void app(request as Request, response as Response, (cause: unknown) => passedBy(request, response, cause)));
  };
  return tls === undefined ? createServer(all, hear) : createTlsServer({ ...all, ...tls }, hear);
};

/** No header of its own, any path. */
const application = (handler: RequestServer): Express => {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((request, response) => handler.serve(request, response));
  const failed: ErrorRequestHandler = (cause, request, response, next) => {
    if (response.headersSent) next(cause);
    else handler.fail(request, response, cause);
  };
  app.use(failed);
  return app;
};

/** Express's methods as they stand on an application's `request` and `response`, down to (not including) Node's own. */
const copyMethods = (from: object, base: object, onto: object): void => {
  for (let level = from; level !== base; level = Object.getPrototypeOf(level) as object) {
    for (const key of Reflect.ownKeys(level)) {
      const descriptor = Reflect.getOwnPropertyDescriptor(level, key);
      if (descriptor !== undefined && key !== 'constructor' && !Object.hasOwn(onto, key)) Object.defineProperty(onto, key, descriptor);
    }
  }
};
