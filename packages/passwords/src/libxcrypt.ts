import { createRequire } from 'node:module';

/** Computes on libuv's threads; undefined when the library does not know the setting. */
export type Crypt = (password: Uint8Array, setting: string) => Promise<string | undefined>;

/** What we use of koffi, which need not be installed. */
interface Koffi {
  load(file: string): {
    func(
      name: string,
      result: string,
      parameters: readonly string[],
    ): { async(...given: readonly [...unknown[], (error: unknown, result: string | null) => void]): void };
  };
}

/** Debian and its kin, and Fedora and its kin. */
const files = ['libcrypt.so.1', 'libcrypt.so.2'];

/** `sizeof (struct crypt_data)`, which is part of libxcrypt's interface. */
const scratchBytes = 32_768;

/** Throws when it is not there. `crypt_rn` is in libxcrypt only: glibc's own crypt knows no yescrypt. */
export const loadLibxcrypt = (require: (name: string) => unknown, file: string): Crypt => {
  const koffi = require('koffi') as Koffi;
  const compute = koffi.load(file).func('crypt_rn', 'str', ['void *', 'str', 'void *', 'int']);
  return (password, setting) =>
    new Promise((resolve, reject) => {
      const phrase = Buffer.concat([password, Buffer.alloc(1)]);
      const scratch = Buffer.alloc(scratchBytes);
      compute.async(phrase, setting, scratch, scratchBytes, (error, result) => {
        // Nothing of the password stays behind; it also keeps both buffers alive until here.
        for (const bytes of [phrase, scratch]) bytes.fill(0);
        if (error instanceof Error) reject(error);
        else resolve(result ?? undefined);
      });
    });
};

const search = (): Crypt | undefined => {
  const require = createRequire(import.meta.url);
  for (const file of files) {
    try {
      return loadLibxcrypt(require, file);
    } catch {
      // The next name, or none: whoever asked says what is missing.
    }
  }
  return undefined;
};

let found: { readonly crypt: Crypt | undefined } | undefined;

/** The system's libxcrypt through the optional package koffi; undefined where either is missing. Looked for once, when first wanted. */
export const libxcrypt = (): Crypt | undefined => {
  found ??= { crypt: search() };
  return found.crypt;
};
