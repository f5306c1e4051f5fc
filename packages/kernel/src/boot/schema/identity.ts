import { asciiDomain } from '@postern/contract';
import { z } from 'zod';

const domain = (): z.ZodString => z.string().refine((text) => asciiDomain(text) !== undefined, 'expected a domain such as example.org');

const fingerprint = z
  .string()
  .refine((text) => /^[0-9a-f]{40}$/i.test(text.replaceAll(':', '')), 'expected a SHA-1 fingerprint: 40 hexadecimal digits');

const certificateUser = z.union([z.enum(['email', 'san-email', 'cn']), z.record(fingerprint, z.string().min(1))], {
  error: 'expected email, san-email, cn, or a mapping from SHA-1 fingerprints to users',
});

export const identitySchema = z
  .strictObject({
    defaultDomain: domain().optional().describe('Appended to logins without @.'),
    lowercase: z.boolean().prefault(true).describe('Fold the local part to lower case; the domain always is.'),
    domainAliases: z.record(domain(), domain()).prefault({}).describe('Domains that stand for another one.'),
    stripTag: z
      .union([z.string().min(1).max(16), z.literal(true).transform(() => '+')], { error: 'expected true, or the text that begins a tag' })
      .optional()
      .describe('Everything from this text on is cut off the local part; true means "+".'),
    certificateUser: certificateUser
      .optional()
      .describe('How a client certificate becomes a user: email, san-email, cn, or a table by SHA-1 fingerprint. Absent: denied.'),
  })
  .prefault({})
  .describe('How what was typed becomes one canonical user.');
