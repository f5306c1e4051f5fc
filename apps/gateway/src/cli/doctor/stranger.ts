import { randomBytes } from 'node:crypto';

/** Somebody who does not exist. */
export interface Stranger {
  readonly user: string;
  readonly password: string;
}

/** Another one each time: no store can know the name, and `.invalid` never will be anybody's domain (RFC 2606). */
export const madeUpStranger = (): Stranger => ({
  user: `doctor-${randomBytes(6).toString('hex')}@postern.invalid`,
  password: randomBytes(12).toString('hex'),
});
