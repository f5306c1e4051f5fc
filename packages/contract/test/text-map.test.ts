import { describe, expect, it } from '@jest/globals';
import { textMap } from '@postern/contract';
import { z } from 'zod';

describe('a mapping of texts', () => {
  it('keeps the key __proto__, and the order of the file', () => {
    const parsed = textMap().parse(JSON.parse('{"b":"1","__proto__":"2","a":"3"}'));
    expect([...parsed]).toEqual([['b', '1'], ['__proto__', '2'], ['a', '3']]); // prettier-ignore
  });

  it('names the key whose value is no text', () => {
    const result = textMap().safeParse({ a: 'x', b: 7, c: '' });
    expect(result.error?.issues.map((issue) => issue.path)).toEqual([['b'], ['c']]);
    expect(textMap().safeParse(['a']).success).toBe(false);
    expect(z.strictObject({ map: textMap().optional() }).parse({})).toEqual({});
  });

  it('shows in JSON Schema as an object of texts', () => {
    expect(z.toJSONSchema(textMap(), { io: 'input' })).toMatchObject({ type: 'object', additionalProperties: { type: 'string' } });
  });
});
