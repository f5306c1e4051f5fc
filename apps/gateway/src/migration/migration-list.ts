import type { Role } from '@postern/contract';
import type { ResolvedConfig } from '@postern/kernel';

export type StoreMode = 'answer' | 'shadow' | 'off';

/** An entry of the plugin list, as far as a migration goes by it. */
export interface ListedPlugin {
  /** Place in the list, from 0. */
  readonly index: number;
  readonly name: string;
  readonly role: Role;
  readonly mode: StoreMode;
  /** As written. */
  readonly when: Readonly<Record<string, unknown>>;
  readonly capture?: ListedCapture;
}

/** A policy that captures. */
export interface ListedCapture {
  /** The stores' names. */
  readonly from: string;
  readonly into: string;
  /** The whole entry, as written. */
  readonly entry: CaptureEntry;
}

export type CaptureEntry = Readonly<Record<string, unknown>>;

export const listOf = ({ plugins, written }: ResolvedConfig): readonly ListedPlugin[] => {
  const entries = own(written.reveal(), 'plugins');
  return plugins.map(({ index, name, use, plugin: { role } }) => {
    const entry = Array.isArray(entries) ? (entries as readonly unknown[])[index] : undefined;
    const capture = role === 'policy' && use === 'capture' ? captureOf(entry) : undefined;
    const when = own(entry, 'when');
    return { index, name, role, mode: modeOf(own(entry, 'mode')), when: isMapping(when) ? when : {}, ...(capture ? { capture } : {}) };
  });
};

/** One text, or all texts of a list: as `when` takes them. */
export const textsOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? (value as readonly unknown[]) : [value]).filter((one) => typeof one === 'string');

const modeOf = (mode: unknown): StoreMode => (mode === 'shadow' || mode === 'off' ? mode : 'answer');

/** What an entry of the list says, if it is one of a policy that captures. */
export const captureOf = (entry: unknown): ListedCapture | undefined => {
  const options = own(entry, 'with');
  const [from, into] = [own(options, 'from'), own(options, 'into')];
  return isMapping(entry) && typeof from === 'string' && typeof into === 'string' ? { from, into, entry } : undefined;
};

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const own = (value: unknown, key: string): unknown => (isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined);
