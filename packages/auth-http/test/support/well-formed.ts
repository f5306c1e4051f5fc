import { toWire, type Encoded } from '../../src/index.js';

const placedNames = ['Auth-Status', 'Auth-Server', 'Auth-Port', 'Auth-User', 'Auth-Pass'];
const deniedNames = ['Auth-Status', 'Auth-Wait', 'Auth-Error-Code', 'Auth-Error-SASL'];

/** What is wrong with a reply, by the rules every reply keeps; empty when nothing is. */
export const flawsOf = (encoded: Encoded, budgetBytes = 1_024): readonly string[] => {
  const flaws: string[] = [];
  const demand = (holds: boolean, rule: string): void => {
    if (!holds) flaws.push(rule);
  };
  const wire = toWire(encoded.headers);
  const names = encoded.headers.map(([name]) => name);
  const value = (name: string): string | undefined => encoded.headers.find(([one]) => one === name)?.[1];
  const placed = encoded.sent === 'placed';
  const status = value('Auth-Status') ?? '';

  demand(wire.length <= budgetBytes, 'rule 40: fits the buffer');
  demand(
    names.every((name) => /^[A-Za-z0-9][A-Za-z0-9-]*$/.test(name)),
    'rule 41: names',
  );
  demand(
    /^HTTP\/1\.0 200 OK\r\n(?:[A-Za-z0-9-]+: [^\r\n\t ](?:[^\r\n]*[^\r\n ])?\r\n)+\r\n$/.test(wire.toString('latin1')),
    'rule 42: lines',
  );
  demand(new Set(names).size === names.length, 'rule 43: each header once');
  demand(names.includes('Auth-Status') && status !== '' && (status === 'OK') === placed, 'rule 43: one status, OK only for a success');
  demand(status !== 'WAIT', 'rule 55: never WAIT');
  demand(
    names.every((name) => (placed ? placedNames : deniedNames).includes(name)),
    'rule 45: only the headers of its kind',
  );
  demand(!placed || (names.includes('Auth-Server') && names.includes('Auth-Port')), 'a success has a place');
  demand(/^[0-9a-f.:]+$/.test(value('Auth-Server') ?? '::1'), 'rule 46: an address');
  demand(/^[1-9]\d{0,4}$/.test(value('Auth-Port') ?? '1'), 'rule 47: a port');
  demand(!/[\0-\x1f\x7f]|^ | $/.test(`x${value('Auth-User') ?? ''}${value('Auth-Pass') ?? ''}x`), 'rule 48: no control bytes');
  demand(/^(?:[1-9]|[12]\d|30)$/.test(value('Auth-Wait') ?? '1'), 'rule 50: 1 to 30 seconds');
  demand(/^([45])\d\d( \1\.\d{1,3}\.\d{1,3})?$/.test(value('Auth-Error-Code') ?? '535'), 'rule 51: a code');
  demand(placed || /^[ -~]{1,200}$/.test(status), 'rule 52: printable ASCII, at most 200 bytes');
  return flaws;
};
