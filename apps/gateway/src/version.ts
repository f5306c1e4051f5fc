import { readFileSync } from 'node:fs';

/** Of the gateway's package. The built file lies as deep below it as the source does. */
export const version = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string })
  .version;
