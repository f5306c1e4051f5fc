import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '@postern/testkit';
import { capturePlugin } from '@postern/policy-capture';

const base = { from: 'staff', into: 'customers' };
const inspected = (more: object = {}) => capturePlugin.inspect?.(parseConfig(capturePlugin, { ...base, ...more }));

describe('the config of capture', () => {
  it('refuses one store as both, unknown schemes and stray keys', () => {
    for (const more of [{ into: 'staff' }, { scheme: 'md5-crypt' }, { scheme: 'ARGON2ID' }, { from: '' }, { storm: 1 }, { perSecond: 0 }]) {
      expect(() => parseConfig(capturePlugin, { ...base, ...more })).toThrow();
    }
  });

  it('names the stores and what it needs of them', () => {
    expect(inspected()).toMatchObject({
      keepsLedger: true,
      answersItself: true,
      advice: [],
      stores: [
        { name: 'staff', path: ['from'], needs: ['lookup'] },
        { name: 'customers', path: ['into'], needs: ['lookup', 'enroll', 'kept', 'withdraw'] },
      ],
    });
    expect(inspected({ disabledInEither: false, shadows: ['staff-shadow'] })?.stores).toEqual([
      { name: 'staff', path: ['from'], needs: [] },
      { name: 'customers', path: ['into'], needs: ['enroll', 'kept', 'withdraw'] },
      { name: 'staff-shadow', path: ['shadows', 0], needs: [] },
    ]);
  });

  it('warns of a scheme that is fast, and of replacing stronger hashes', () => {
    expect(inspected({ scheme: 'ssha512' })?.advice).toMatchObject([{ path: ['scheme'], severity: 'warning' }]);
    expect(inspected({ scheme: 'bcrypt', rehash: true })?.advice).toMatchObject([{ path: ['rehash'], severity: 'warning' }]);
    expect(inspected({ shadows: ['staff'] })?.advice).toMatchObject([{ path: ['shadows', 0], severity: 'error' }]);
  });
});
