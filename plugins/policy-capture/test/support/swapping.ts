import { afterEach } from '@jest/globals';
import { ann, plain, Stage, type StageOptions } from './stage.js';

/** Opens stages on which the two stores change places: the new one first, the old one for whom it does not know. They close after each test. */
export const swapping = (): ((options?: StageOptions) => Promise<Stage>) => {
  const stages: Stage[] = [];
  afterEach(async () => {
    for (const stage of stages.splice(0)) await stage.close();
  });
  return async (options = {}) => {
    const stage = await Stage.open({ chain: ['customers', 'staff'], ...options });
    stages.push(stage);
    stage.staff.add(ann, { hash: plain('right') });
    stage.customers.add(ann, { hash: plain('right') });
    return stage;
  };
};
