import { networks, protocols } from '@postern/contract';
import { z } from 'zod';
import { attributeRef } from './attribute-ref.js';
import { moment } from './moment.js';

const protocol = z.enum(protocols);
const protocolList = z.union([protocol.transform((one) => [one]), z.array(protocol).min(1)]).transform((list) => new Set(list));

/** An attribute of the account, or the thing itself. */
const orAttribute = <T extends z.ZodType>(own: T, expected: string) => z.union([attributeRef(), own], { error: `expected ${expected}` });

/** The plugin's `with`. */
export const permitConfig = z
  .strictObject({
    protocols: orAttribute(protocolList, 'attributes.NAME, or imap, pop3, smtp or a list of them')
      .optional()
      .describe('What may be spoken: a list, or `attributes.NAME`, whose text is one with commas or spaces between.'),
    networks: orAttribute(networks(), 'attributes.NAME, or a network such as 192.0.2.0/24 or a list of them')
      .optional()
      .describe(
        'Where clients may be: a list of networks, or `attributes.NAME`, whose text is one. `local` there: a client without an address.',
      ),
    notAfter: orAttribute(moment(), 'attributes.NAME, a day such as 2026-12-31 or a time such as 2026-12-31T18:00:00Z')
      .optional()
      .describe(
        'When it ends: a day (to its end, UTC) or a time, or `attributes.NAME`; LDAP’s and Active Directory’s times are read, too.',
      ),
    requireTls: orAttribute(z.boolean(), 'true, false or attributes.NAME')
      .optional()
      .describe('`true`: without TLS nobody’s password reaches a store. `attributes.NAME`: as the account says, `yes` or `no`.'),
    whenMissing: z
      .enum(['allow', 'refuse'])
      .prefault('allow')
      .describe('What an account without a named attribute gets: `allow` (that rule does not concern it) or `refuse`.'),
  })
  .superRefine((config, context) => {
    const rules = [config.protocols, config.networks, config.notAfter, config.requireTls];
    if (rules.every((rule) => rule === undefined)) {
      context.addIssue({ code: 'custom', message: 'expected at least one of `protocols`, `networks`, `notAfter` and `requireTls`' });
    }
  });

export type PermitConfig = z.output<typeof permitConfig>;
