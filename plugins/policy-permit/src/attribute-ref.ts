import { z } from 'zod';

/** Says that an account's own attribute decides, not the config. */
export class AttributeRef {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  toJSON(): string {
    return `attributes.${this.name}`;
  }
}

const written = /^attributes\.([^{}\s]+)$/;

/** `attributes.NAME`. */
export const attributeRef = (): z.ZodType<AttributeRef, string> =>
  z
    .string()
    .regex(written, 'expected attributes.NAME')
    .transform((text) => new AttributeRef(text.slice('attributes.'.length)));
