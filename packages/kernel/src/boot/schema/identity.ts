import { asciiDomain } from '@postern/contract';
import { z } from 'zod';
import { domain } from './domain.js';

/** One domain cannot stand for two others, however it is spelt. */
const aliases = z.record(domain(), domain()).superRefine((table, context) => {
  const seen = new Map<string, string>();
  for (const written of Object.keys(table)) {
    const name = asciiDomain(written) ?? written;
    const twin = seen.get(name);
    seen.set(name, twin ?? written);
    if (twin !== undefined) context.addIssue({ code: 'custom', path: [written], message: `is the same domain as ${JSON.stringify(twin)}` });
  }
});

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
    domainAliases: aliases.prefault({}).describe('Domains that stand for another one.'),
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
