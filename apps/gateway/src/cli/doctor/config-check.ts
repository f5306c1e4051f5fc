import { pathText } from '@postern/kernel';
import { sayOf } from './finding.js';
import type { Visit } from './visit.js';

const mostTold = 5;

/** The config is valid, or there would be no visit: its warnings, in short. */
export const checkConfig = ({ config: { file }, warnings, tell }: Visit): void => {
  const say = sayOf(tell, 'config', file);
  if (warnings.length === 0) say('ok', 'no error, no warning');
  else say('ok', 'no error');
  for (const { code, path, message, hint } of warnings.slice(0, mostTold)) {
    sayOf(tell, 'config', code)('warning', path.length === 0 ? message : `${pathText(path)}: ${message}`, hint === '' ? undefined : hint);
  }
  if (warnings.length > mostTold)
    sayOf(tell, 'config', 'more')('warning', `${warnings.length - mostTold} more warnings`, 'Run "postern check".');
};
