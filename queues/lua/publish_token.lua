-- uses: clock.lua
-- Makes a fresh access token known to every process and ends the refresh lease; not if another took the lease over meanwhile:
-- its token is the newer one.
--
-- KEYS[1] {tga:<account>}:token
-- ARGV[1] token   ARGV[2] life, ms   ARGV[3] who refreshed it
-- Returns 1, or 0 if the refresh is another's by now.
-- O(1).

local refresher = redis.call('HGET', KEYS[1], 'refresher')
if refresher and refresher ~= ARGV[3] then return 0 end
local now = now_ms()
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'since', now, 'expires', now + tonumber(ARGV[2]))
redis.call('HDEL', KEYS[1], 'lease', 'refresher')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
