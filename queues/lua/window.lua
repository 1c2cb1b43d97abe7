-- uses: clock.lua
-- Looks after the window in which one recipient may be answered: how long it is open, how many messages are left in it.
--
-- KEYS[1] {tgN}:window:<account>:<recipient digest>
-- ARGV[1] enter: spend a message · return: one was not sent after all · close: the platform says it is closed
-- Returns 'open' (entered, returned), 'closed' or 'used' (open, with no message left).
-- O(1).

local window = redis.call('GET', KEYS[1])
if not window then return 'closed' end
local ends, left = string.match(window, '^(%d+):(%d+)$')
if ARGV[1] == 'close' or tonumber(ends) <= now_ms() then
  redis.call('DEL', KEYS[1])
  return 'closed'
end
left = tonumber(left) + (ARGV[1] == 'return' and 1 or -1)
if left < 0 then return 'used' end
redis.call('SET', KEYS[1], ends .. ':' .. left, 'KEEPTTL')
return 'open'
