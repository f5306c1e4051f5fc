/** What a plugin goes through, in this order. */
export const steps = [
  'resolve',
  'import',
  'apiVersion',
  'shape',
  'schema',
  'create',
  'start',
  'health',
  'ask',
  'stop',
  'conformance',
  'quiet',
] as const;

export type Step = (typeof steps)[number];

/** How a step ended. Plain data: it crosses from one process to another. */
export interface StepResult {
  readonly step: Step;
  readonly outcome: 'ok' | 'broken' | 'skipped';
  /** One sentence for people; holds no secret. */
  readonly detail: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** What the process that holds the plugin says to the one that watches it. */
export type Told =
  /** `ms`: longer than this it does not take unless the process hangs. */
  { readonly kind: 'begun'; readonly step: Step; readonly ms: number } | { readonly kind: 'done'; readonly result: StepResult };

export type Tell = (told: Told) => void;
