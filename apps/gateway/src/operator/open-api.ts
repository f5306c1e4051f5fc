import { z } from 'zod';
import { bansQuery, bansReply, flushReply, flushRequest, liftReply, problemReply, readyReply } from './api-schemas.js';

interface Endpoint {
  readonly method: 'get' | 'post' | 'delete';
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  /** The sign of life alone is for everybody. */
  readonly open?: true;
  readonly parameters?: readonly object[];
  readonly request?: z.ZodType;
  readonly reply: z.ZodType | 'text/plain';
  readonly problems: readonly number[];
}

const problemWords: Readonly<Record<number, string>> = {
  400: 'The request means nothing; `error` says why.',
  401: 'The token is missing or wrong.',
  403: 'A web page of another site.',
  404: 'There is no such thing.',
  413: 'The body is too large.',
  415: 'The body is not sent as JSON.',
  503: 'Nobody can tell just now.',
};

/** The dialect is that of the document, and need not be said at each part. */
const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): object =>
  Object.fromEntries(Object.entries(z.toJSONSchema(schema, { io, unrepresentable: 'any' })).filter(([key]) => key !== '$schema'));

const endpoints: readonly Endpoint[] = [
  {
    ...{ method: 'get', path: '/livez', id: 'livez', summary: 'The process lives.', open: true },
    ...{ reply: z.strictObject({ status: z.literal('alive') }), problems: [] },
  },
  {
    ...{ method: 'get', path: '/readyz', id: 'readyz', summary: 'Whether logins can be answered; 503 with the same body when not.' },
    ...{ reply: readyReply, problems: [401] },
  },
  {
    ...{ method: 'get', path: '/metrics', id: 'metrics', summary: 'Numbers in the text format of Prometheus.' },
    ...{ reply: 'text/plain', problems: [401] },
  },
  {
    ...{ method: 'get', path: '/api/v1/openapi.json', id: 'openApi', summary: 'This document.' },
    ...{ reply: z.looseObject({ openapi: z.string() }), problems: [401, 403] },
  },
  {
    method: 'post',
    path: '/api/v1/cache/flush',
    id: 'flush',
    summary: 'Forget remembered answers, in every process of the deployment. Stores are asked again from then on.',
    request: flushRequest,
    reply: flushReply,
    problems: [400, 401, 403, 413, 415],
  },
  {
    method: 'get',
    path: '/api/v1/bans',
    id: 'listBans',
    summary: 'Whom policies keep out now.',
    parameters: [
      {
        ...{ name: 'most', in: 'query', required: false },
        schema: { type: 'integer', minimum: 1, maximum: 10_000, default: 1000 },
        description: bansQuery.shape.most.description,
      },
    ],
    reply: bansReply,
    problems: [400, 401, 403],
  },
  {
    method: 'delete',
    path: '/api/v1/bans/{id}',
    id: 'liftBan',
    summary: 'Lift a ban and forget the tries behind it.',
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' }, description: 'As listed: INSTANCE.ID.' }],
    reply: liftReply,
    problems: [401, 403, 404, 503],
  },
];

const content = (reply: Endpoint['reply']): object =>
  reply === 'text/plain'
    ? { 'text/plain': { schema: { type: 'string' } } }
    : { 'application/json': { schema: jsonSchema(reply, 'output') } };

const problemResponse = (status: number): readonly [string, object] => [
  String(status),
  {
    description: problemWords[status] ?? 'It did not work.',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } },
  },
];

const operation = ({ id, summary, open, parameters, request, reply, problems }: Endpoint): object => ({
  operationId: id,
  summary,
  ...(open === undefined ? {} : { security: [] }),
  ...(parameters === undefined ? {} : { parameters }),
  ...(request === undefined
    ? {}
    : { requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(request, 'input') } } } }),
  responses: { 200: { description: 'It worked.', content: content(reply) }, ...Object.fromEntries(problems.map(problemResponse)) },
});

const pathsOf = (all: readonly Endpoint[]): Readonly<Record<string, Readonly<Record<string, object>>>> => {
  const paths: Record<string, Record<string, object>> = {};
  for (const endpoint of all) paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method]: operation(endpoint) };
  return paths;
};

/** What the operator's door serves, in OpenAPI 3.1, made from the schemas that requests are checked with. */
export const openApi = {
  openapi: '3.1.0',
  info: {
    title: 'Postern operator API',
    version: '1',
    description: 'Health, metrics and what an operator may do to a running gateway. The token is demanded where `operator.token` is set.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  security: [{ token: [] }],
  paths: pathsOf(endpoints),
  components: {
    securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    schemas: { Problem: jsonSchema(problemReply, 'output') },
  },
} as const;
