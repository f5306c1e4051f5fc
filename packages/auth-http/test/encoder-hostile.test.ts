import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { mechanisms, protocols } from '@postern/contract';
import fc from 'fast-check';
import { defaultDenialRules, denialKinds, Encoder, toWire, type Answer, type Asked, type Encoded } from '../src/index.js';
import { nginxReads } from './support/nginx.js';
import { flawsOf } from './support/well-formed.js';

const encoder = new Encoder(defaultDenialRules);
const imap: Asked = { protocol: 'imap', mechanism: 'plain', ordinal: 1 };

/** Something that is no answer by its type: what a plugin in plain JavaScript may bring about. */
const hostile = (answer: unknown): Encoded => encoder.encode(answer as Answer);

describe('Encoder: whatever it is given', () => {
  const asked = fc.record(
    {
      protocol: fc.oneof(fc.constantFrom(...protocols), fc.anything()),
      mechanism: fc.oneof(fc.constantFrom(...mechanisms), fc.anything()),
      ordinal: fc.oneof(fc.integer(), fc.anything()),
    },
    { requiredKeys: [] },
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('10.0.0.1', '::1', 'u@x', 'x'.repeat(900), ' a', '\r\nAuth-Status: OK'),
  );
  const answers = fc.oneof(
    fc.record(
      { kind: fc.constant('placed'), server: text, port: fc.oneof(fc.integer(), fc.anything()), user: text, password: text, asked },
      { requiredKeys: ['kind'] },
    ),
    fc.record(
      { kind: fc.constant('denied'), denial: fc.oneof(fc.constantFrom(...denialKinds), fc.anything()), asked },
      { requiredKeys: ['kind'] },
    ),
    fc.anything({ withNullPrototype: true }),
  );

  it('rule 40, rule 41, rule 42, rule 43, rule 44, rule 45: gives one well-formed reply, and a success only where nginx reads one', () => {
    fc.assert(
      fc.property(answers, fc.constantFrom(...protocols), (answer, protocol) => {
        const encoded = hostile(answer);
        expect(flawsOf(encoded)).toEqual([]);
        const understood = nginxReads(toWire(encoded.headers), protocol);
        expect(understood.kind).toBe(encoded.sent === 'placed' ? 'success' : 'failure');
      }),
      { seed: 43, numRuns: 2_000 },
    );
  });

  it('rule 43: gives a well-formed reply for answers that throw when they are looked at, or change', () => {
    const thrower = (key: string): unknown =>
      new Proxy(
        { kind: 'placed', server: '10.0.0.1', port: 143, user: 'u', asked: imap },
        {
          get(target, name): unknown {
            if (name === key) throw new Error('not now');
            return Reflect.get(target, name) as unknown;
          },
        },
      );
    for (const key of ['kind', 'server', 'port', 'user', 'password', 'asked'])
      expect(hostile(thrower(key))).toMatchObject({ sent: 'deferred' });
    let looks = 0;
    const changing = {
      kind: 'denied',
      asked: imap,
      get denial(): string {
        looks += 1;
        return looks === 1 ? 'rejected' : 'OK\r\nAuth-Server: 6.6.6.6';
      },
    };
    expect(flawsOf(hostile(changing))).toEqual([]);
    for (const nothing of [undefined, null, 0, '', 'placed', [], Symbol('x'), () => imap, Object.create(null)]) {
      expect(flawsOf(hostile(nothing))).toEqual([]);
      expect(hostile(nothing).sent).toBe('deferred');
    }
    expect(hostile({ kind: 'denied', denial: '__proto__', asked: { protocol: 'constructor', mechanism: 'toString' } }).sent).toBe(
      'deferred',
    );
  });

  it('rule 32, rule 43: is no success without a protocol and a mechanism', () => {
    for (const nothing of [{}, { protocol: 'imap' }, { mechanism: 'plain' }] as const)
      expect(hostile({ kind: 'placed', server: '10.0.0.1', port: 143, user: 'u', asked: nothing }).sent).toBe('deferred');
  });

  it('rule 45: is the one place of the package that names the headers of a success', () => {
    const source = new URL('../src/', import.meta.url);
    const written = readdirSync(source).filter((name) =>
      /\['Auth-(?:Server|Port|User|Pass)'/.test(readFileSync(new URL(name, source), 'utf8')),
    );
    expect(written).toEqual(['encoder.ts']);
  });
});
