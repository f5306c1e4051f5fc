/** What a reader of table files gives for each line or pair. */
export type Row =
  | { readonly kind: 'row'; readonly key: string; readonly value: string; readonly line: number }
  /** A comment or nothing: told all the same, so that whoever reads can pause within a long stretch of them. */
  | { readonly kind: 'nothing' }
  /** `line` counts from 1. */
  | { readonly kind: 'problem'; readonly line: number; readonly message: string };

export const nothing: Row = { kind: 'nothing' };

/** Reads a file's content row by row; does no more work than it is asked for. */
export type RowReader = (content: Uint8Array) => Iterable<Row>;
