import { secret } from '@postern/contract';
import { z } from 'zod';

const person = z.strictObject({
  user: z.string().min(1).describe('The canonical user, for example anna@example.org.'),
  password: secret().describe('The password: { env: NAME }, { file: PATH }, or a text while you try things.'),
  enabled: z.boolean().prefault(true).describe('False: the right password is refused.'),
  team: z.string().optional().describe('Handed to the routers as the attribute `team`.'),
});

/** What stands under `with`. Strict, so that a mistyped key stops the start; described, so that `postern schema` can tell. */
export const Config = z.strictObject({
  people: z.array(person).describe('Who may log in. Replace this by whatever your own directory needs: a URL, a token, a time-out.'),
});

export type PersonConfig = z.output<typeof person>;
