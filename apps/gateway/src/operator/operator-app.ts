import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Log } from '@postern/contract';
import type { MetricsRegistry } from '../metrics/metrics-registry.js';
import { tokenGuard } from './token-guard.js';

/** DESIGN §6: what `/readyz` says. */
export interface ReadyReport {
  readonly status: 'ready' | 'degraded' | 'down';
  readonly instances: Readonly<Record<string, { readonly status: 'up' | 'degraded' | 'down'; readonly note?: string }>>;
}

export interface OperatorParts {
  readonly readiness: () => Promise<ReadyReport>;
  readonly metrics: MetricsRegistry;
  readonly log: Log;
  /** Demanded of everything but `/livez`, when there is one. Asked each time: a reload may change it. */
  readonly token: () => string | undefined;
}

/** What the operator sees over HTTP. It knows no login and never counts as one (rule 70). */
export const operatorApp = (parts: OperatorParts): Express => {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(safeHeaders);
  app.use(readOnly);
  app.get('/livez', (_request, response) => void response.json({ status: 'alive' }));
  app.use(tokenGuard(parts.token));
  app.get('/readyz', async (_request, response) => {
    const report = await parts.readiness();
    response.status(report.status === 'down' ? 503 : 200).json(report);
  });
  app.get('/metrics', async (_request, response) => {
    const text = await parts.metrics.read();
    response.set('Content-Type', parts.metrics.contentType).send(text);
  });
  app.use((_request, response) => void response.status(404).json({ error: 'not found', hint: 'There are /livez, /readyz and /metrics.' }));
  app.use(failure(parts.log));
  return app;
};

const safeHeaders: RequestHandler = (_request, response, next) => {
  response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff', 'Content-Security-Policy': "default-src 'none'" });
  next();
};

const readOnly: RequestHandler = (request, response, next) => {
  if (request.method === 'GET' || request.method === 'HEAD') {
    next();
    return;
  }
  response.set('Allow', 'GET, HEAD');
  response.status(405).json({ error: 'method not allowed' });
};

/** Express knows an error handler by its four parameters. */
const failure =
  (log: Log): ErrorRequestHandler =>
  (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = clientFault(error);
    if (status === undefined) log.error('an operator request failed', { error });
    response.status(status ?? 500).json({ error: status === undefined ? 'internal error' : 'bad request' });
  };

/** Express marks what the caller did wrong (a path that cannot be decoded) with a status below 500. */
const clientFault = (error: unknown): number | undefined =>
  error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status >= 400 && error.status < 500
    ? error.status
    : undefined;
