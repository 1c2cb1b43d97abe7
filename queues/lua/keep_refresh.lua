-- uses: clock.lua
-- Extends the refresh lease of a caller that is still asking the platform.
--
-- KEYS[1] {tga:<account>}:token
-- ARGV[1] who   ARGV[2] refresh lease from now, ms
-- Returns 1, or 0 if the refresh is another's by now.
-- O(1).

if redis.call('HGET', KEYS[1], 'refresher') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'lease', now_ms() + tonumber(ARGV[2]))
redis.call('PEXPIRE', KEYS[1], math.max(redis.call('PTTL', KEYS[1]), tonumber(ARGV[2]) + 1000))
return 1
