-- uses: clock.lua
-- Keeps every process from refreshing for a while, after a refresh that failed.
--
-- KEYS[1] {tga:<account>}:token
-- ARGV[1] for how long, ms
-- Returns nothing.
-- O(1).

redis.call('HSET', KEYS[1], 'lease', now_ms() + tonumber(ARGV[1]))
redis.call('PEXPIRE', KEYS[1], math.max(redis.call('PTTL', KEYS[1]), tonumber(ARGV[1]) + 1000))
