-- uses: clock.lua
-- Claims webhooks that are due: their time is put off until the claim's end, when another may take them. Those whose push is
-- not kept any more have nothing to say and are dropped on the way, or an endpoint that is down for weeks would gather them.
--
-- KEYS[1] {tgN}:hooks:<upstream>   KEYS[2] {tgN}:hook-tries:<upstream>
-- ARGV[1] prefix {tgN}:   ARGV[2] most   ARGV[3] claim, ms
-- Returns { ms until the next is due (-1: none), { hook, tries before this one, … }, dropped }
-- O((taken + dropped) × log(hooks)).

local MOST_DROPPED = 1000

local prefix, most, now = ARGV[1], tonumber(ARGV[2]), now_ms()
local taken, count, dropped = {}, 0, 0
repeat
  local before = dropped
  for _, hook in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, most - count)) do
    if redis.call('TYPE', prefix .. 'job:' .. string.match(hook, '^[^ ]*')).ok == 'hash' then
      redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), hook)
      taken[#taken + 1] = hook
      taken[#taken + 1] = redis.call('HGET', KEYS[2], hook) or '0'
      count = count + 1
    else
      redis.call('ZREM', KEYS[1], hook)
      redis.call('HDEL', KEYS[2], hook)
      dropped = dropped + 1
    end
  end
until dropped == before or dropped >= MOST_DROPPED or count == most
local head = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return { head[2] and math.max(0, tonumber(head[2]) - now) or -1, taken, dropped }
