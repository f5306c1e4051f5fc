import { templateVariables, type TemplateVariable } from '@postern/contract';
import { z } from 'zod';
import { valuesOf } from './filter.js';
import { parseFilter, type FilterTemplate } from './parse.js';

/** A filter of the config, with the text it was read from. */
export class ConfiguredFilter {
  readonly text: string;
  readonly tree: FilterTemplate;

  constructor(text: string) {
    this.text = text;
    this.tree = parseFilter(text);
  }

  get variables(): readonly TemplateVariable[] {
    return valuesOf(this.tree).flatMap((value) => value.variables);
  }

  toJSON(): string {
    return this.text;
  }
}

const known: readonly string[] = templateVariables;

/** A config field for a filter. */
export const filterField = (): z.ZodType<ConfiguredFilter, string> =>
  z.string().transform((text, context) => {
    try {
      const filter = new ConfiguredFilter(text);
      const unknown = filter.variables.find((name) => !known.includes(name));
      if (unknown === undefined) return filter;
      context.addIssue({ code: 'custom', message: `{${unknown}} is not known yet when the directory is asked` });
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
    }
    return z.NEVER;
  });
