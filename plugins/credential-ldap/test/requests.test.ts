import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Query } from '../src/directory-types.js';
import type { Filter } from '../src/filter/filter.js';
import { bindRequest, searchRequest } from '../src/ldapjs/requests.js';
import { integer as plainInteger, node, nodesIn, numberIn, text } from './ber.js';

interface Message {
  toBer(): { readonly buffer: Buffer };
}
type Make = new (options: object) => Message;
type Ldapjs = Readonly<Record<`${string}Filter` | `${string}Request`, Make>>;

/** The library that the requests do without is what they are held against. */
const ldapjs = createRequire(import.meta.url)('ldapjs') as Ldapjs;

const attributes = fc.constantFrom('mail', 'uid', 'cn;lang-de', '2.5.4.3');
/** ldapjs takes text for most comparisons, and reads escapes in it. */
const values = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }).filter((each) => !/[\\()*\0]/.test(each));
const bytes = values.map((value) => Buffer.from(value));

const filters = fc.letrec<{ filter: Filter<Buffer> }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.record({ kind: fc.constant('present' as const), attribute: attributes }),
    fc.record({
      kind: fc.constant('equal' as const),
      attribute: attributes,
      value: fc.uint8Array({ minLength: 1 }).map((each) => Buffer.from(each)),
    }),
    fc.record({
      kind: fc.constantFrom('at-least' as const, 'at-most' as const, 'approximate' as const),
      attribute: attributes,
      value: bytes,
    }),
    fc
      .record(
        {
          kind: fc.constant('substring' as const),
          attribute: attributes,
          initial: bytes,
          any: fc.array(bytes, { maxLength: 3 }),
          final: bytes,
        },
        { requiredKeys: ['kind', 'attribute', 'any'] },
      )
      .filter(({ initial, any, final }) => initial !== undefined || final !== undefined || any.length > 0),
    fc.record({
      kind: fc.constant('extensible' as const),
      attribute: attributes,
      rule: fc.constant('2.5.13.2'),
      wholeDn: fc.boolean(),
      value: bytes,
    }),
    fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), filters: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ kind: fc.constant('not' as const), filter: tie('filter') }),
  ),
})).filter;

const theirs = (filter: Filter<Buffer>): object => {
  const make = (name: string, options: object): object => new ldapjs[`${name}Filter`]!(options);
  switch (filter.kind) {
    case 'and':
    case 'or':
      return make(filter.kind === 'and' ? 'And' : 'Or', { filters: filter.filters.map(theirs) });
    case 'not':
      return make('Not', { filter: theirs(filter.filter) });
    case 'present':
      return make('Presence', filter);
    case 'equal':
      return make('Equality', { attribute: filter.attribute, raw: filter.value });
    case 'at-least':
    case 'at-most':
    case 'approximate': {
      const name = { 'at-least': 'GreaterThanEquals', 'at-most': 'LessThanEquals', approximate: 'Approximate' }[filter.kind];
      return make(name, { attribute: filter.attribute, value: filter.value.toString() });
    }
    case 'substring': {
      const [initial, final] = [filter.initial?.toString() ?? '', filter.final?.toString() ?? ''];
      return make('Substring', { attribute: filter.attribute, initial, any: filter.any.map(String), final });
    }
    case 'extensible':
      return make('Extensible', {
        attribute: filter.attribute,
        rule: filter.rule,
        dnAttributes: filter.wholeDn,
        value: filter.value.toString(),
      });
  }
};

describe('requests', () => {
  const ids = fc.integer({ min: 1, max: 2 ** 31 - 1 });

  it('are, as searches, the bytes that ldapjs would send', () => {
    const scopes = fc.constantFrom('base' as const, 'one' as const, 'sub' as const);
    const names = fc.array(fc.constantFrom('mail', 'uid', '1.1', 'pwdChangedTime'), { minLength: 1, maxLength: 20 });
    const check = (id: number, scope: Query['scope'], filter: Filter<Buffer>, wanted: readonly string[], seconds: number): void => {
      const base = 'ou=people,dc=example,dc=org';
      const options = {
        baseObject: base,
        scope,
        sizeLimit: 2,
        timeLimit: seconds,
        filter: theirs(filter),
        attributes: [...new Set(wanted)],
      };
      const expected = new ldapjs['SearchRequest']!({ messageId: id, ...options }).toBer().buffer;
      expect(searchRequest(id, { base, scope, filter, attributes: wanted }, seconds).toString('hex')).toBe(expected.toString('hex'));
    };
    fc.assert(fc.property(ids, scopes, filters, names, fc.integer({ min: 1, max: 100_000 }), check));
  });

  it('are, as binds, the name and the password byte for byte, and the question for the policy', () => {
    const check = (id: number, name: string, password: Uint8Array): void => {
      const [idNode, operation, controls, ...rest] = nodesIn(nodesIn(bindRequest(id, name, password))[0]!.value);
      expect([numberIn(idNode!), rest.length]).toEqual([id, 0]);
      expect(node(operation!.tag, operation!.value)).toEqual(node(0x60, plainInteger(3), text(name), node(0x80, Buffer.from(password))));
      expect(node(controls!.tag, controls!.value)).toEqual(node(0xa0, node(0x30, text('1.3.6.1.4.1.42.2.27.8.5.1'))));
    };
    fc.assert(fc.property(ids, fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 9000 }), check));
  });

  it('have lengths in the shortest form, whatever they are', () => {
    for (const length of [1, 0x70, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000]) {
      const [outer] = nodesIn(bindRequest(7, 'x'.repeat(length), Buffer.from('p')));
      expect(nodesIn(nodesIn(outer!.value)[1]!.value)[1]?.value.length).toBe(length);
    }
  });
});
