/** Text values by name, from a store's columns, attributes or file fields. Read with `Object.hasOwn`: names come from outside. */
export type Attributes = Readonly<Record<string, string>>;

/** The identity a store accepted. */
export interface Account {
  /** Canonical user; what nginx tells the mail server unless `backend.user` says otherwise. */
  readonly user: string;
  readonly attributes: Attributes;
  /** Clear-text password; only where APOP or CRAM-MD5 must be answered, since nginx then needs it for the mail server. */
  readonly secret?: string;
  /** What to say to the mail server in place of what was typed (master users, local passwords). */
  readonly backend?: { readonly user?: string; readonly password?: string };
}
