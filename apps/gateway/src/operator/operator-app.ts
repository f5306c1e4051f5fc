import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Log } from '@postern/contract';
import type { MetricsRegistry } from '../metrics/metrics-registry.js';
import { version } from '../version.js';
import { operatorApi } from './operator-api.js';
import { only } from './only.js';
import type { Operations } from './operations.js';
import { originGuard } from './origin-guard.js';
import { tokenGuard } from './token-guard.js';

/** What `/readyz` says. Scripts read it: fields are added, never renamed. */
export interface ReadyReport {
  readonly status: 'ready' | 'degraded' | 'down';
  readonly instances: Readonly<Record<string, { readonly status: 'up' | 'degraded' | 'down'; readonly note?: string }>>;
  /** State shared with other processes, where there is any. */
  readonly shared?: { readonly status: 'up' | 'degraded'; readonly note?: string };
  /** The book of a migration, where one is kept. */
  readonly ledger?: { readonly status: 'up' | 'degraded'; readonly note?: string };
}

export interface OperatorParts {
  readonly readiness: () => Promise<ReadyReport>;
  readonly operations: Operations;
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
  // One path has one name, here as in the API below.
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.use(safeHeaders);
  only(app, '/livez', { get: (_request, response) => void response.json({ status: 'alive' }) });
  app.use(tokenGuard(parts.token));
  app.use(originGuard(parts.token));
  only(app, '/readyz', {
    get: async (_request, response) => {
      const report = await parts.readiness();
      response.status(report.status === 'down' ? 503 : 200).json({ ...report, version });
    },
  });
  only(app, '/metrics', {
    get: async (_request, response) => {
      const text = await parts.metrics.read();
      response.set('Content-Type', parts.metrics.contentType).send(text);
    },
  });
  app.use('/api/v1', operatorApi(parts));
  app.use((_request, response) => {
    response.status(404).json({ error: 'not found', hint: 'There are /livez, /readyz, /metrics and what /api/v1/openapi.json says.' });
  });
  app.use(failure(parts.log));
  return app;
};

const safeHeaders: RequestHandler = (_request, response, next) => {
  response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff', 'Content-Security-Policy': "default-src 'none'" });
  next();
};

/** What Express finds wrong with a body. Its own messages quote what was sent. */
const faults: Readonly<Record<number, string>> = {
  400: 'bad request: the path or the JSON of the body cannot be read',
  413: 'the body is too large',
  415: 'the body is in an encoding that is not taken',
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
    response.status(status ?? 500).json({ error: status === undefined ? 'internal error' : (faults[status] ?? 'bad request') });
  };

/** Express marks what the caller did wrong (a path that cannot be decoded) with a status below 500. */
const clientFault = (error: unknown): number | undefined =>
  error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status >= 400 && error.status < 500
    ? error.status
    : undefined;
