import { readFile, stat } from 'node:fs/promises';
import { own } from './value-at.js';

/** A plugin's table belongs in a file of its own long before this. */
const maxBytes = 16 * 1024 * 1024;

export type FileReading =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'unreadable'; readonly message: string; readonly hint: string };

/** `path` is absolute. */
export const readConfigFile = async (path: string): Promise<FileReading> => {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return unreadable('is a folder', 'Name the file itself.');
    if (found.size > maxBytes) return unreadable('is larger than 16 MiB', 'Put large tables into files of their own (`file:`).');
    return decoded(await readFile(path));
  } catch (error) {
    const code = own(error, 'code');
    if (code === 'ENOENT') return unreadable('is not there', 'Name the config file with -c FILE.');
    return unreadable(
      `cannot be read (${typeof code === 'string' ? code : 'error'})`,
      'It must be readable for the user that runs the gateway.',
    );
  }
};

const unreadable = (message: string, hint: string): FileReading => ({ kind: 'unreadable', message: `the config file ${message}`, hint });

const decoded = (content: Uint8Array): FileReading => {
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(content) };
  } catch {
    return unreadable('is not UTF-8 text', 'Save it as UTF-8.');
  }
};
