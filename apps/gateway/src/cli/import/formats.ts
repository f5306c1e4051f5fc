import { CsvReader } from './csv.js';
import type { FormatReader } from './entry.js';
import type { FieldNames } from './fields.js';
import { LdifReader } from './ldif.js';
import { PasswdFileReader } from './passwd-file.js';
import { PopmapReader } from './popmap.js';

export const formats = ['passwd-file', 'popmap', 'csv', 'ldif'] as const;

export type Format = (typeof formats)[number];

export interface FormatOptions {
  readonly names: FieldNames;
  /** Of CSV. */
  readonly delimiter: string;
}

/** A new reader: each pass over a file needs its own. */
export const readerOf = (format: Format, { names, delimiter }: FormatOptions): FormatReader => {
  switch (format) {
    case 'passwd-file':
      return new PasswdFileReader();
    case 'popmap':
      return new PopmapReader();
    case 'csv':
      return new CsvReader(delimiter, names);
    case 'ldif':
      return new LdifReader(names);
  }
};

/** Scheme of passwords that name none: Dovecot's own default, and what `userPassword` is by RFC 4519. */
export const usualScheme = (format: Format): string => (format === 'ldif' ? 'PLAIN' : 'CRYPT');
