import type { LogFields } from '@postern/contract';
import { plainText, withoutUrlPasswords } from './plain-text.js';

/** Names that may hold a secret, wherever they stand. Two kinds of false alarm are cheaper than one password (rule 67). */
const secretName =
  /pass(?:word|phrase|wd)?$|^pw$|secret|token|digest|salt|proof|credential|authorization|cookie|api[-_]?key|auth[-_]?key|private[-_]?key|shared[-_]?key|^key$|^keys$|^pem$|^dsn$|^bytes$|^hash$/i;

const censored = '[redacted]';
const maxDepth = 5;
const maxEntries = 50;
const maxText = 4096;

/** A copy of a log line's fields that may be written: secrets censored, bytes and strangers summed up, texts made plain. */
export const redact = (fields: LogFields): Record<string, unknown> => redactEntries(fields, 0, new Set());

const redactEntries = (value: object, depth: number, seen: Set<object>): Record<string, unknown> => {
  const copy: [string, unknown][] = [];
  for (const [name, item] of Object.entries(value).slice(0, maxEntries)) {
    copy.push([plainText(name, 128), secretName.test(name) ? censored : redactValue(item, depth + 1, seen)]);
  }
  return Object.fromEntries(copy);
};

const redactValue = (value: unknown, depth: number, seen: Set<object>): unknown => {
  switch (typeof value) {
    case 'string':
      return redactText(value);
    case 'bigint':
    case 'symbol':
      return String(value);
    case 'function':
      return '[function]';
    case 'object':
      return value === null ? null : redactObject(value, depth, seen);
    default:
      return value;
  }
};

const redactText = (text: string): string => plainText(withoutUrlPasswords(text), maxText);

const redactObject = (value: object, depth: number, seen: Set<object>): unknown => {
  if (depth > maxDepth || seen.has(value)) return '[…]';
  seen.add(value);
  try {
    if (value instanceof Error) return redactError(value, depth, seen);
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (Array.isArray(value)) return value.slice(0, maxEntries).map((item) => redactValue(item, depth + 1, seen));
    if ('toJSON' in value && typeof value.toJSON === 'function') return redactValue((value.toJSON as () => unknown)(), depth + 1, seen);
    return redactEntries(value, depth, seen);
  } finally {
    seen.delete(value);
  }
};

/**
 * An error keeps its type, code, message, stack and causes, and loses everything else that drivers hang on it (queries
 * with their parameters, whole requests).
 */
const redactError = (error: Error, depth: number, seen: Set<object>): Record<string, unknown> => ({
  type: error.name,
  message: redactText(error.message),
  ...('code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? { code: error.code } : {}),
  ...(typeof error.stack === 'string' ? { stack: stackFrames(error.stack) } : {}),
  ...(error.cause === undefined ? {} : { cause: redactValue(error.cause, depth + 1, seen) }),
});

/** Frames only: the message above them may span lines and is already there, made plain. */
const stackFrames = (stack: string): readonly string[] =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .map((line) => redactText(line.trim()));
