import type { IRouter, RequestHandler } from 'express';

export type Methods = Readonly<Partial<Record<'get' | 'post' | 'delete', RequestHandler>>>;

/** One path with what may be done to it, and 405 for whatever else is tried there. */
export const only = (router: IRouter, path: string, methods: Methods): void => {
  const route = router.route(path);
  for (const method of ['get', 'post', 'delete'] as const) if (methods[method] !== undefined) route[method](methods[method]);
  const names = Object.keys(methods).flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]));
  route.all((_request, response) => {
    response.set('Allow', names.join(', '));
    response.status(405).json({ error: 'method not allowed' });
  });
};
