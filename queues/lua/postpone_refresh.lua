-- uses: clock.lua
-- Keeps every process from refreshing for a while, after a refresh that failed; not if another took it over meanwhile.
--
-- KEYS[1] {tga:<account>}:token
-- ARGV[1] for how long, ms   ARGV[2] whose refresh failed
-- Returns nothing.
-- O(1).

local refresher = redis.call('HGET', KEYS[1], 'refresher')
if refresher and refresher ~= ARGV[2] then return end
redis.call('HSET', KEYS[1], 'lease', now_ms() + tonumber(ARGV[1]))
redis.call('HDEL', KEYS[1], 'refresher')
redis.call('PEXPIRE', KEYS[1], math.max(redis.call('PTTL', KEYS[1]), tonumber(ARGV[1]) + 1000))
