import { broken, type Entry, type FormatReader, type Line } from './entry.js';
import { saysYes, type FieldNames } from './fields.js';
import { readLdifLine, type LdifValues } from './ldif-record.js';
import { longestLine } from './line-splitter.js';

/** An attribute as it is unfolded. Photographs go over thousands of lines: what is longer than any hash is only counted. */
interface Unfolding {
  readonly line: number;
  text: string;
  tooLong: boolean;
}

/** What directories say of an account that is switched off, whatever else stands there. */
const locks = new Map<string, (value: string) => boolean>([
  ['nsaccountlock', (value) => value.toLowerCase() !== 'false'],
  ['pwdaccountlockedtime', () => true],
  // Active Directory: ACCOUNTDISABLE.
  ['useraccountcontrol', (value) => (Number(value) & 2) !== 0],
]);

/** What is asked of `--field` beside attributes. */
const roles = new Set(['user', 'password', 'enabled']);

const always = ['dn', 'version', 'changetype', ...locks.keys()];

/** LDIF content records (RFC 2849), as `slapcat`, `ldapsearch -LLL` and other directories' exports write them. */
export class LdifReader implements FormatReader {
  readonly #user: readonly string[];
  readonly #password: string;
  readonly #enabled: string | undefined;
  /** Attribute in the directory by the name it is to have. */
  readonly #attributes: ReadonlyMap<string, string>;
  readonly #wanted: ReadonlySet<string>;
  #unfolding: Unfolding | undefined;
  #inComment = false;
  #first = 0;
  #values = new Map<string, string[]>();
  #trouble: { readonly line: number; readonly reason: string } | undefined;

  constructor(names: FieldNames) {
    const given = new Map([...names].map(([name, attribute]) => [name, attribute.toLowerCase()]));
    const user = given.get('user');
    this.#user = user === undefined ? ['mail', 'uid'] : [user];
    this.#password = given.get('password') ?? 'userpassword';
    this.#enabled = given.get('enabled');
    this.#attributes = new Map([['host', 'mailhost'], ...[...given].filter(([name]) => !roles.has(name))]);
    this.#wanted = new Set([...always, ...this.#user, ...this.#told(), ...this.#attributes.values()]);
  }

  /** What says whether somebody may log in, and with what. */
  #told(): readonly string[] {
    return this.#enabled === undefined ? [this.#password] : [this.#password, this.#enabled];
  }

  read(lines: readonly Line[]): readonly Entry[] {
    return lines.flatMap((line) => this.#line(line));
  }

  end(): readonly Entry[] {
    return this.#endRecord();
  }

  #line({ number, text, trouble }: Line): readonly Entry[] {
    if (trouble !== undefined) {
      this.#endValue();
      this.#begin(number);
      this.#trouble ??= { line: number, reason: trouble };
      return [];
    }
    if (text === '') return this.#endRecord();
    if (text.startsWith(' ')) this.#fold(number, text.slice(1));
    else this.#next(number, text);
    return [];
  }

  #fold(number: number, text: string): void {
    if (this.#inComment) return;
    if (this.#unfolding === undefined) {
      this.#begin(number);
      this.#trouble ??= { line: number, reason: 'it continues nothing' };
      return;
    }
    this.#unfolding.tooLong ||= this.#unfolding.text.length + text.length > longestLine;
    if (!this.#unfolding.tooLong) this.#unfolding.text += text;
  }

  #next(number: number, text: string): void {
    this.#endValue();
    this.#inComment = text.startsWith('#');
    if (this.#inComment) return;
    this.#begin(number);
    this.#unfolding = { line: number, text, tooLong: false };
  }

  #begin(number: number): void {
    if (this.#first === 0) this.#first = number;
  }

  #endValue(): void {
    if (this.#unfolding === undefined) return;
    const { line, text, tooLong } = this.#unfolding;
    this.#unfolding = undefined;
    const read = readLdifLine(text, this.#wanted);
    if (read.kind === 'skipped') return;
    if (read.kind === 'broken' || tooLong) {
      this.#trouble ??= { line, reason: read.kind === 'broken' && !tooLong ? read.reason : `it is longer than ${longestLine / 1024} KiB` };
      return;
    }
    const values = this.#values.get(read.name);
    if (values === undefined) this.#values.set(read.name, [read.value]);
    else values.push(read.value);
  }

  #endRecord(): readonly Entry[] {
    this.#endValue();
    const [line, values, trouble] = [this.#first, this.#values, this.#trouble];
    this.#first = 0;
    this.#values = new Map();
    this.#trouble = undefined;
    this.#inComment = false;
    if (trouble !== undefined) return [broken(trouble.line, trouble.reason)];
    return line === 0 ? [] : this.#entry(line, values);
  }

  #entry(line: number, values: LdifValues): readonly Entry[] {
    const version = values.get('version');
    if (version !== undefined && version.join() !== '1') return [broken(line, 'it is not of version 1 of LDIF')];
    if (values.has('changetype')) return [broken(line, 'it tells of a change; export the entries themselves')];
    if (!values.has('dn')) return version === undefined ? [broken(line, 'the record has no dn')] : [];
    const name = this.#user.find((each) => values.has(each));
    if (name === undefined || !(values.has('mail') || values.has(this.#password) || this.#user.length === 1))
      return [{ kind: 'other', line }];
    return [this.#person(line, name, values)];
  }

  #person(line: number, name: string, values: LdifValues): Entry {
    const kept = [name, ...this.#told(), ...this.#attributes.values()];
    const several = kept.find((each) => (values.get(each)?.length ?? 0) > 1);
    if (several !== undefined)
      return broken(
        line,
        `it has several values of ${several}, and one can be kept${several === name ? '; name another with --field user=' : ''}`,
      );
    const one = (attribute: string): string => values.get(attribute)?.[0] ?? '';
    const enabled = this.#isEnabled(values);
    if (enabled === undefined) return broken(line, 'it says neither yes nor no to whether the user is enabled');
    const attributes = [...this.#attributes].map(([to, from]) => [to, one(from)] as const).filter(([, value]) => value !== '');
    return {
      kind: 'person',
      line,
      user: one(name),
      stored: one(this.#password),
      enabled,
      attributes: Object.fromEntries(attributes),
    };
  }

  /** A lock wins over what `enabled` says; who lacks that attribute is not switched off by it. Undefined: its value is neither. */
  #isEnabled(values: LdifValues): boolean | undefined {
    if ([...locks].some(([lock, holds]) => values.get(lock)?.some(holds) ?? false)) return false;
    const [said] = (this.#enabled === undefined ? undefined : values.get(this.#enabled)) ?? [];
    return said === undefined || saysYes(said);
  }
}
