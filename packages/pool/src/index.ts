export { LineFull, type Waiting } from './line.js';
export type { Lent, Pooled, Way } from './member.js';
export { Pool, type PoolLimits, type PoolParts } from './pool.js';
