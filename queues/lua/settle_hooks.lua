-- uses: clock.lua
-- Ends webhooks, or puts them off.
--
-- KEYS[1] {tgN}:hooks:<upstream>   KEYS[2] {tgN}:hook-tries:<upstream>
-- then for each: hook, ms until it is tried again (0: it is done with)
-- Returns nothing.
-- O(hooks × log(all hooks)).

local now = now_ms()
for i = 1, #ARGV, 2 do
  local hook, delay = ARGV[i], tonumber(ARGV[i + 1])
  if delay == 0 then
    redis.call('ZREM', KEYS[1], hook)
    redis.call('HDEL', KEYS[2], hook)
  elseif redis.call('ZADD', KEYS[1], 'XX', 'CH', now + delay, hook) == 1 then
    redis.call('HINCRBY', KEYS[2], hook, 1)
  end
end
