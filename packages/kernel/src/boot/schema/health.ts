import { duration } from '@postern/contract';
import { z } from 'zod';

const rules = z.strictObject({
  every: duration({ min: 100, max: 3_600_000 }).prefault('2s').describe('Time between two checks of a backend and protocol.'),
  timeout: duration({ min: 10, max: 60_000 }).prefault('1s').describe('Time for the connection and the greeting.'),
  rise: z.int().min(1).max(100).prefault(2).describe('Successes in a row until it counts as up again.'),
  fall: z.int().min(1).max(100).prefault(2).describe('Failures in a row until it counts as down.'),
});

export const healthSchema = z
  .union([z.literal('off'), rules])
  .prefault({})
  .describe('Active checks of the backends.');
