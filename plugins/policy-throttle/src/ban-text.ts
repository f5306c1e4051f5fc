import type { Ban } from '@postern/contract';
import { z } from 'zod';
import { parsed } from './parsed.js';

const banSchema = z.object({
  id: z.string(),
  kind: z.enum(['user', 'network', 'user-in-network']),
  user: z.string().optional(),
  network: z.string().optional(),
  tries: z.number(),
  since: z.number(),
  until: z.number(),
});

const newsSchema = z.union([z.object({ ban: banSchema }), z.object({ lifted: z.string() })]);

/** A ban as it is kept. Whether it is enforced is a matter of each process's config. */
export type KeptBan = Omit<Ban, 'enforced'>;
export type BanNews = { readonly ban: KeptBan } | { readonly lifted: string };

export const writeBan = (ban: KeptBan): string => JSON.stringify(ban);

/** Undefined for what is no ban. */
export const readBan = (text: string): KeptBan | undefined => withoutGaps(parsed(banSchema, text));

export const writeNews = (news: BanNews): string => JSON.stringify(news);

/** Undefined for what is no news. */
export const readNews = (text: string): BanNews | undefined => {
  const news = parsed(newsSchema, text);
  if (news === undefined || 'lifted' in news) return news;
  const ban = withoutGaps(news.ban);
  return ban && { ban };
};

const withoutGaps = (read: z.output<typeof banSchema> | undefined): KeptBan | undefined => {
  if (read === undefined) return undefined;
  const { user, network, ...ban } = read;
  return { ...ban, ...(user !== undefined && { user }), ...(network !== undefined && { network }) };
};
