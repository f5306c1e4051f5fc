import type { Attributes } from '@postern/contract';

/** One physical line of a file. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without its line break; empty when there is trouble. */
  readonly text: string;
  /** Why it cannot be read at all. Holds nothing of what it says. */
  readonly trouble?: string;
}

/** A line, or a record of several, that cannot be imported as it is. */
export interface BrokenLine {
  readonly kind: 'broken';
  /** Of the record's first line, or of the line that breaks it. */
  readonly line: number;
  /** Holds nothing of what the line says: it may be a password. */
  readonly reason: string;
  /** Nothing behind it could be read: to leave it out would be to leave out the file. */
  readonly whole?: true;
}

/** Somebody who can log in, as the file writes it. */
export interface Person {
  readonly kind: 'person';
  readonly line: number;
  readonly user: string;
  /** As it is stored, with or without `{SCHEME}`; empty when there is none. */
  readonly stored: string;
  readonly enabled: boolean;
  readonly attributes: Attributes;
}

/** Where the mail of a key (a user, a domain or `*`) is. */
export interface Home {
  readonly kind: 'home';
  readonly line: number;
  readonly key: string;
  /** `host` or `host:port`. */
  readonly host: string;
}

/** What a record says. `other`: sound, and about nobody: a unit of a directory, for example. */
export type Entry = Person | Home | BrokenLine | { readonly kind: 'other'; readonly line: number };

/** Reads one format. Keeps what reaches over the end of a batch. */
export interface FormatReader {
  read(lines: readonly Line[]): readonly Entry[];
  /** What was not at its end yet. */
  end(): readonly Entry[];
}

export const broken = (line: number, reason: string): BrokenLine => ({ kind: 'broken', line, reason });
