import { asciiDomain } from '@postern/contract';
import { z } from 'zod';

/** A field for one domain, as it was written. */
export const domain = (): z.ZodString =>
  z.string().refine((text) => asciiDomain(text) !== undefined, 'expected a domain such as example.org');
