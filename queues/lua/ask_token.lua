-- uses: clock.lua
-- Reads an account's access token and, if it must be refreshed, gives the refresh to one caller at a time.
--
-- A token that failed is expired only if it is still the current one: another process may have replaced it already. The
-- lease is short, and whoever holds it extends it while the platform is asked (keep_refresh.lua): a dead one is replaced soon.
--
-- KEYS[1] {tga:<account>}:token
-- ARGV[1] the token that failed, or ''   ARGV[2] refresh when less than this is left, ms   ARGV[3] refresh lease, ms
-- ARGV[4] who asks
-- Returns { token or '', ms left, 1 if the caller must refresh it now, ms until another may }
-- O(1).

local now = now_ms()
local f = redis.call('HMGET', KEYS[1], 'token', 'expires', 'lease')
local token, left, lease = f[1] or '', (tonumber(f[2]) or 0) - now, tonumber(f[3]) or 0
if token ~= '' and (left <= 0 or token == ARGV[1]) then
  redis.call('HDEL', KEYS[1], 'token', 'since', 'expires')
  token, left = '', 0
end
local refresh = 0
if (token == '' or left < tonumber(ARGV[2])) and lease <= now then
  lease = now + tonumber(ARGV[3])
  redis.call('HSET', KEYS[1], 'lease', lease, 'refresher', ARGV[4])
  redis.call('PEXPIRE', KEYS[1], math.max(redis.call('PTTL', KEYS[1]), left, tonumber(ARGV[3])) + 1000)
  refresh = 1
end
return { token, math.max(left, 0), refresh, math.max(lease - now, 0) }
