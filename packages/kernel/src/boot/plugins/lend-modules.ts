import { register } from 'node:module';

/** What a plugin may import without having it installed beside itself; everything else is its own business. */
export const lent = ['@postern/contract', 'zod'] as const;

/**
 * Runs in Node's loader thread, so it is a text: asks Node first, and only where the plugin's own folders have no such package
 * answers with ours. A company's `./plugin.js` then needs no package.json, and there is one copy of the contract.
 */
const hooks = `
  let ours;
  export const initialize = (given) => { ours = new Map(given); };
  export const resolve = async (specifier, context, next) => {
    try {
      return await next(specifier, context);
    } catch (error) {
      const url = error.code === 'ERR_MODULE_NOT_FOUND' ? ours.get(specifier) : undefined;
      if (url === undefined) throw error;
      return { url, shortCircuit: true };
    }
  };
`;

let done = false;

/** Lets plugins outside this installation import the contract and zod. Once per process; costs a thread, so not before it is needed. */
export const lendModules = (): void => {
  if (done) return;
  done = true;
  try {
    const ours = lent.map((name) => [name, import.meta.resolve(name)] as const);
    register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: ours });
  } catch {
    // Where hooks cannot be had (a test runner with its own loader), a plugin that has what it needs beside itself loads all the same.
  }
};
