import { DirectoryTrouble } from '../directory-types.js';

/** The events by which ldapjs tells that a connection is over. */
export const deaths = ['error', 'connectError', 'connectRefused', 'connectTimeout', 'setupError', 'socketTimeout', 'end', 'close'] as const;

/** `url`: of the server; holds no secret. */
export const troubleOf = (url: string, event: (typeof deaths)[number], cause: unknown): DirectoryTrouble => {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? ` (${cause.code})` : '';
  const said = cause instanceof Error ? `: ${cause.message}` : '';
  if (event === 'end' || event === 'close') return new DirectoryTrouble('lost', `${url} closed the connection`, cause);
  if (event === 'error' && code === '') return new DirectoryTrouble('broken', `${url}${said}`, cause);
  return new DirectoryTrouble('lost', `${url} cannot be reached${code}${said}`, cause);
};
