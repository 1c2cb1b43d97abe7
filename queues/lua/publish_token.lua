-- uses: clock.lua
-- Makes a fresh access token known to every process and ends the refresh lease.
--
-- KEYS[1] {tga:<account>}:token
-- ARGV[1] token   ARGV[2] life, ms
-- Returns nothing.
-- O(1).

local now = now_ms()
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'since', now, 'expires', now + tonumber(ARGV[2]))
redis.call('HDEL', KEYS[1], 'lease')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
