-- uses: clock.lua
-- uses: finishing.lua
-- Cancels a push that has not been claimed. Its id may stay in a queue, where take.lua drops it.
--
-- KEYS[1] {tgN}:job:<id>   KEYS[2] {tgN}:later
-- ARGV[1] id   ARGV[2] retain, ms
-- Returns the state after the call, or '' if there is no such push.
-- O(log(later)).

local f = redis.call('HMGET', KEYS[1], 'state', 'flags')
local state = f[1]
if not state then return '' end
if state == 'queued' or state == 'scheduled' or state == 'retrying' or state == 'parked' then
  redis.call('ZREM', KEYS[2], ARGV[1])
  finish(KEYS[1], f[2], 'cancelled', '', now_ms(), tonumber(ARGV[2]))
  return 'cancelled'
end
return state
