import type { Proof, Verdict } from '@postern/contract';

const maxLength = 500;

/**
 * One line about a cause, for logs and `explain`. Drivers put what they were sent into their messages, so whatever the client
 * offered is taken out (rule 67).
 */
export const causeText = (cause: unknown, proof?: Proof): string => {
  let text = plainText(cause, 3);
  for (const secret of proof === undefined ? [] : formsOf(proof)) text = text.replaceAll(secret, '[secret]');
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
};

/** The rule that forbids a login, where the verdict names one; nothing of the proof may stand in it either. */
export const ruleText = (verdict: Verdict, proof: Proof): string | undefined =>
  verdict.kind === 'refused' && verdict.rule !== undefined ? causeText(verdict.rule, proof) : undefined;

/** What was thrown may be anything, an object whose properties throw included. */
const plainText = (cause: unknown, depth: number): string => {
  try {
    if (typeof cause === 'string') return cause;
    if (!(cause instanceof Error)) return `something that is no error (${cause === null ? 'null' : typeof cause})`;
    const code = 'code' in cause && typeof cause.code === 'string' ? ` (${cause.code})` : '';
    return `${cause.name}: ${cause.message}${code}${below(cause, depth)}`;
  } catch {
    return 'a cause that cannot be read';
  }
};

/** Many errors repeat the words of their cause; those are told once. */
const below = ({ message, cause }: Error, depth: number): string => {
  if (cause === undefined || depth === 0) return '';
  const repeated = cause instanceof Error && cause.message !== '' && message.includes(cause.message);
  return repeated ? below(cause, depth - 1) : `: ${plainText(cause, depth - 1)}`;
};

/** A secret of one or two characters would blot out half of any message, and so tell more than it hides. */
const formsOf = (proof: Proof): string[] => {
  const forms = secretsOf(proof).flatMap((secret) => {
    const bytes = Buffer.from(secret);
    return [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(bytes.toString()),
      bytes.toString('base64'),
      bytes.toString('hex'),
    ];
  });
  return [...new Set(forms)].filter((form) => form.length > 2).sort((a, b) => b.length - a.length);
};

const secretsOf = (proof: Proof): string[] => {
  switch (proof.mechanism) {
    case 'plain':
      return [proof.password, Buffer.from(proof.bytes).toString('latin1')];
    case 'apop':
    case 'cram-md5':
      return [proof.digest, proof.salt];
    case 'xoauth2':
    case 'oauthbearer':
      return [proof.token];
    case 'external':
      return proof.certificate.pem === undefined ? [] : [proof.certificate.pem];
    case 'none':
      return [];
  }
};
