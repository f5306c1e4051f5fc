import type { ExplainedInstance, Explanation } from './explain.js';

type Row = readonly [label: string, value: string];

/** An explanation for a terminal: aligned lines, no colours, a line break at the end. Control characters of the login are escaped. */
export const explanationText = (explanation: Explanation): string =>
  [
    ...rows([
      ['login', visible(explanation.user.raw)],
      ['canonical user', visible(explanation.user.canonical ?? '(none: not a valid login)')],
      ['asked over', askedOver(explanation)],
    ]),
    '',
    'plugin list',
    ...columns(explanation.instances.map(instanceCells)),
    '',
    'steps',
    ...columns(
      explanation.steps.map(({ stage, instance = '', outcome, ms, detail = '' }) => [
        stage,
        instance,
        outcome,
        `${ms.toFixed(1)} ms`,
        detail,
      ]),
    ),
    '',
    ...rows(resultRows(explanation)),
    '',
    `reply to nginx (${explanation.reply.bytes} of at most 1024 bytes)`,
    ...explanation.reply.headers.map(([name, value]) => `  ${name}: ${visible(value)}`),
    '',
    'the mail client reads',
    `  ${explanation.clientReads}`,
    '',
  ].join('\n');

const askedOver = ({ protocol, client, proof }: Explanation): string => {
  const how = proof === 'password' ? 'with a password' : 'without a password (who is this?)';
  return `${protocol}, ${client.tls ? 'with TLS' : 'without TLS'}, from ${client.ip}, ${how}`;
};

const instanceCells = ({ name, use, role, mode, when, matched }: ExplainedInstance): readonly string[] => {
  const state = stateOf(mode, matched);
  return [role, name, use === name ? '' : use, state, when === undefined ? '' : `when ${JSON.stringify(when)}`];
};

const stateOf = (mode: ExplainedInstance['mode'], matched: boolean | undefined): string => {
  if (mode === 'off') return 'switched off';
  const state = matched === false ? 'does not match' : matched === true ? 'matches' : 'not asked';
  return mode === 'shadow' ? `${state} (shadow: not asked here)` : state;
};

const resultRows = ({ verdict, account, placement, reply, tookMs }: Explanation): readonly Row[] => [
  ['verdict', verdict.why === undefined ? verdict.kind : `${verdict.kind} (${verdict.why})`],
  ...(account === undefined ? [] : [['account', accountText(account)] as const]),
  ['placement', placement === undefined ? 'none' : placementText(placement)],
  ['answer', reply.why === undefined ? reply.sent : `${reply.sent} (${reply.why})`],
  ['took', `${tookMs.toFixed(1)} ms`],
];

const accountText = ({ user, attributes }: NonNullable<Explanation['account']>): string => {
  const known = Object.entries(attributes).map(([name, value]) => `${visible(name)}=${visible(value)}`);
  return [visible(user), ...known].join(' ');
};

const placementText = ({ backend, address, port, user, password }: NonNullable<Explanation['placement']>): string => {
  const login = user === undefined ? '' : ` as ${visible(user)}`;
  return `${backend} at ${address} port ${port}${login}${password === undefined ? '' : ', with a password of its own'}`;
};

const rows = (all: readonly Row[]): readonly string[] => {
  const width = Math.max(...all.map(([label]) => label.length));
  return all.map(([label, value]) => `${label.padEnd(width)}  ${value}`);
};

/** As wide as their widest cell; columns that are empty everywhere are left out. */
const columns = (all: readonly (readonly string[])[]): readonly string[] => {
  const widths = (all[0] ?? []).map((_, index) => Math.max(...all.map((cells) => visible(cells[index] ?? '').length)));
  return all.map((cells) => {
    const shown = cells.flatMap((cell, index) => (widths[index] === 0 ? [] : [visible(cell).padEnd(widths[index] ?? 0)]));
    return `  ${shown.join('  ')}`.trimEnd();
  });
};

/** What was typed must not move the cursor or colour the terminal. */
const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
