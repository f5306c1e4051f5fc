/** The server's own time in milliseconds: the clocks of several gateways differ. */
const now = `local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function text(n) return string.format('%.0f', n) end
`;

/**
 * One key each, so that they work in a cluster, and atomic, so that no two processes count between each other's lines. A set is a sorted
 * set of members by the moment they die.
 */
export const scripts = {
  /** KEYS: set. ARGV: member, its life in ms, how many members at most. Answers how many live. */
  posternNote: {
    numberOfKeys: 1,
    lua: `${now}local set = KEYS[1]
local buried = redis.pcall('ZREMRANGEBYSCORE', set, '-inf', text(now))
if type(buried) == 'table' then redis.call('DEL', set) end
if not redis.call('ZSCORE', set, ARGV[1]) then
  local over = redis.call('ZCARD', set) + 1 - tonumber(ARGV[3])
  if over > 0 then redis.call('ZREMRANGEBYRANK', set, 0, over - 1) end
  redis.call('ZADD', set, text(now + tonumber(ARGV[2])), ARGV[1])
  local last = redis.call('ZRANGE', set, -1, -1, 'WITHSCORES')
  redis.call('PEXPIREAT', set, text(tonumber(last[2])))
end
return redis.call('ZCARD', set)`,
  },
  /** KEYS: set. Answers how many live; 0 for what is no set. */
  posternCount: {
    numberOfKeys: 1,
    lua: `${now}local living = redis.pcall('ZCOUNT', KEYS[1], '(' .. text(now), '+inf')
if type(living) == 'table' then return 0 end
return living`,
  },
  /** KEYS: counter. ARGV: by how much, its life in ms. Answers the new value as text. */
  posternIncrement: {
    numberOfKeys: 1,
    lua: `local value = redis.call('INCRBYFLOAT', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return value`,
  },
} as const;

/** What ioredis makes of them. */
export interface ScriptCommands {
  posternNote(key: string, member: string, ttlMs: number, most: number): Promise<number>;
  posternCount(key: string): Promise<number>;
  posternIncrement(key: string, by: number, ttlMs: number): Promise<string>;
}
