import type { Verdict } from '@postern/contract';

/**
 * Whether a verdict says that the proof was not right. An unknown user's is as wrong as a known one's: else limits told who exists.
 * After an outage nobody knows: the proof may be right where nobody could be asked.
 */
export const isWrong = (verdict: Verdict): boolean =>
  verdict.kind === 'rejected' ||
  verdict.kind === 'unknown-user' ||
  (verdict.kind === 'refused' && !verdict.proofHeld && verdict.afterOutage !== true);
