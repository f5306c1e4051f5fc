import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { statementFrom, type Dialect } from '@postern/sql';

const variables = ['user', 'local', 'domain'];
const from = (template: string, dialect: Dialect = 'postgres') => statementFrom(template, dialect, variables);
const dialects = ['postgres', 'mysql', 'sqlite'] as const;

describe('a statement', () => {
  it('has a placeholder of its dialect for each variable, and names what stands behind it', () => {
    const template = 'select a from b where u = {user} or l = {local} or u = {user}';
    expect(from(template)).toMatchObject({
      text: 'select a from b where u = $1 or l = $2 or u = $3',
      variables: ['user', 'local', 'user'],
    });
    for (const dialect of ['mysql', 'sqlite'] as const) {
      expect(from(template, dialect)).toMatchObject({
        text: 'select a from b where u = ? or l = ? or u = ?',
        variables: ['user', 'local', 'user'],
      });
    }
  });

  it('keeps a placeholder apart from a name beside it', () => {
    expect(from('select a{user}b').text).toBe('select a $1 b');
    expect(from('select {user}{local}', 'mysql').text).toBe('select ? ?');
  });

  it.each(dialects)('refuses a variable inside quotes or a comment (%s)', (dialect) => {
    const bad = ["a = '{user}'", "a = 'x''{user}'", 'a = "{user}"', 'a = 1 -- {user}', 'a = 1 /* {user} */', "a like '%{local}%'"];
    for (const condition of bad) expect(() => from(`select 1 where ${condition}`, dialect)).toThrow(/stands inside/);
  });

  it('knows the quotes that one dialect alone has', () => {
    const refused: readonly (readonly [Dialect, string])[] = [
      ['postgres', 'a = $${user}$$'],
      ['postgres', 'a = $tag$ $$ {user} $tag$'],
      ['postgres', "a = E'\\'{user}'"],
      ['postgres', "a = e'{user}'"],
      ['postgres', '/* /* */ {user} */ true'],
      ['mysql', "a = 'x\\'{user}'"],
      ['mysql', 'a = `{user}`'],
      ['mysql', 'a = 1 # {user}'],
      ['mysql', '/*! {user} */ true'],
      ['sqlite', '[{user}] = 1'],
      ['sqlite', '`{user}` = 1'],
    ];
    for (const [dialect, condition] of refused) expect(() => from(`select 1 where ${condition}`, dialect)).toThrow(/stands inside/);
  });

  it('does not take for quotes what is none in its dialect', () => {
    expect(from("a = '\\' and b = {user}").variables).toEqual(['user']);
    expect(from('a #> {user}').variables).toEqual(['user']);
    expect(from('a[1] = {user} and b ? {local}').text).toBe('a[1] = $1 and b ? $2');
    expect(from("a = '\\' and b = {user}", 'sqlite').variables).toEqual(['user']);
    expect(from('x$$y = {user}', 'mysql').variables).toEqual(['user']);
  });

  it('leaves braces in quotes alone, so that a scheme can be put before a hash', () => {
    expect(from("select '{SHA512-CRYPT}' || hash as password from b where u = {user}").text).toBe(
      "select '{SHA512-CRYPT}' || hash as password from b where u = $1",
    );
    expect(from("select '{{user}}' from b where u = {user}").text).toBe("select '{user}' from b where u = $1");
  });

  it('refuses what it cannot know or what would shift the parameters', () => {
    expect(() => from('select {nobody}')).toThrow(/no variable \{nobody\}/);
    expect(() => from('select {__proto__}')).toThrow(/no variable/);
    expect(() => from('select {')).toThrow(/stray/);
    expect(() => from('select }')).toThrow(/stray/);
    expect(() => from('select $1, {user}')).toThrow(/placeholder of its own/);
    expect(() => from('select ?, {user}', 'mysql')).toThrow(/placeholder of its own/);
    for (const own of ['?', '?1', ':name', '@name', '$name']) expect(() => from(`select ${own}`, 'sqlite')).toThrow(/placeholder/);
    expect(() => from(' \n ')).toThrow(/empty/);
    for (const open of ["'", '"', '/*', '$$']) expect(() => from(`select 1 ${open} x`)).toThrow(/never end/);
  });

  it('is refused with a variable inside quotes or comments, whatever braces stand around it', () => {
    for (const inside of ['{user}', '{{{user}}}', '{{user}} {user}', '}}{user}', '{{{{{user}']) {
      expect(() => from(`select '${inside}'`)).toThrow(/inside quotes/);
      expect(() => from(`select 1 -- ${inside}`)).toThrow(/inside a comment/);
    }
    expect(from("select '{{user}} {{{{user}}}} {other} {', {user}").text).toBe("select '{user} {{user}} {other} {', $1");
  });

  it('is one statement: a semicolon may only end it', () => {
    expect(from('select {user}; ').text).toBe('select $1');
    expect(from('select {user}; -- done').variables).toEqual(['user']);
    expect(() => from('select {user}; drop table b')).toThrow(/more than one statement/);
    expect(() => from("select {user}; 'x'")).toThrow(/more than one statement/);
    expect(from("select ';' || {user}").text).toBe("select ';' || $1");
  });

  it('has the same name for the same text only', () => {
    expect(from('select {user}').name).toBe(from('select {user}').name);
    expect(from('select {user}').name).not.toBe(from('select {local}').name + from('select  {user}').name);
    expect(from('select {user}').name).toMatch(/^postern_[0-9a-f]{16}$/);
  });

  it('never holds anything but the template’s own text and placeholders, whatever the template is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("'", '"', '`', '{user}', '$$', '--', '/*', '*/', '\\', ';', ' a ', '\n', '[', ']', '{{', '}}') }),
        (template) => {
          for (const dialect of dialects) {
            let statement;
            try {
              statement = from(template, dialect);
            } catch (error) {
              expect(error).toMatchObject({ name: 'TemplateError' });
              continue;
            }
            expect(statement.variables.length).toBe(template.replaceAll('{{', '').split('{user}').length - 1);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
