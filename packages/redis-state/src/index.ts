export { RedisPlace, type RedisPlaceParts } from './redis-place.js';
export type { Address, RedisSettings, TlsMaterial, Topology } from './settings.js';
