-- Tells that a process has started with these credentials. If others were used last, what they led to is over: the account's
-- stop, the put-off refresh, and the token. O(1).
--
-- KEYS[1] {tga:<account>}:token   KEYS[2] {tga:<account>}:holds
-- ARGV[1] digest of the credentials
-- Returns 1 if others were used last.

local known = redis.call('HGET', KEYS[1], 'credentials')
local changed = known and known ~= ARGV[1]
if changed then
  redis.call('DEL', KEYS[1])
  redis.call('HDEL', KEYS[2], '*')
end
if changed or not known then
  redis.call('HSET', KEYS[1], 'credentials', ARGV[1])
  redis.call('PEXPIRE', KEYS[1], math.max(redis.call('PTTL', KEYS[1]), 86400000))
end
return changed and 1 or 0
