-- uses: clock.lua
-- Makes a fresh access token known to every process and ends the refresh lease.
--
-- KEYS[1] {tga:<account>}:token
-- ARGV[1] token   ARGV[2] life, ms
-- Returns nothing.
-- O(1).

redis.call('HSET', KEYS[1], 'token', ARGV[1], 'expires', now_ms() + tonumber(ARGV[2]))
redis.call('HDEL', KEYS[1], 'lease')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
