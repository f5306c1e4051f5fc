import { readConfigFile } from './reading/config-file.js';
import { own } from './reading/value-at.js';
import { YamlText } from './reading/yaml-text.js';

/** What stands under `workers`, when nothing is checked yet: how many processes there are is decided before any of them reads the config. */
export const wantedWorkers = async (file: string): Promise<unknown> => {
  const reading = await readConfigFile(file);
  if (reading.kind !== 'text') return undefined;
  const yaml = new YamlText(reading.text);
  return yaml.readable ? own(yaml.data, 'workers') : undefined;
};
