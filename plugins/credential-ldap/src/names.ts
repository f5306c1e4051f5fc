import { splitUser, type LoginAttempt, type TemplateVariable } from '@postern/contract';

/** What templates in filters and DNs are filled with. */
export type Names = Readonly<Partial<Record<TemplateVariable, string>>>;

/** Written out: on Node 20 a copy that is added to gets a hidden class of its own, and every look at it is slow. */
export const namesOf = ({ user, protocol, client }: LoginAttempt): Names => {
  const { local, domain } = splitUser(user);
  return { user, local, domain, protocol, clientIp: client.ip };
};

/** A lookup knows the user and nothing of a client. */
export const namesOfUser = (user: string): Names => ({ user, ...splitUser(user) });

/** The host lets no longer ones through, in bytes. */
const longest = 512;

/** Whether an entry of a directory could be called so: what cannot is nobody, and the directory is not asked. */
export const mayBeSomebody = (user: string): boolean =>
  user !== '' && user.length <= longest && Buffer.byteLength(user) <= longest && !/[\p{Cc}\p{Cs}]/u.test(user);

/** One form for names that differ in nothing but case and composition, as in the host's canonical users. */
export const folded = (name: string): string => name.normalize('NFC').toLowerCase();

/** Nobody's, for the question at the start. The address is for documentation, RFC 5737. */
export const nobodysNames: Names = { ...namesOfUser('nobody@postern.invalid'), protocol: 'imap', clientIp: '192.0.2.1' };
