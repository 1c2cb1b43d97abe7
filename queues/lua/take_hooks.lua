-- uses: clock.lua
-- Claims webhooks that are due: their time is put off until the claim's end, when another may take them.
--
-- KEYS[1] {tgN}:hooks:<upstream>   KEYS[2] {tgN}:hook-tries:<upstream>
-- ARGV[1] most   ARGV[2] claim, ms
-- Returns { ms until the next is due (-1: none), { hook, tries before this one, … } }
-- O(taken × log(hooks)).

local now = now_ms()
local taken = {}
for _, hook in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])) do
  redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), hook)
  taken[#taken + 1] = hook
  taken[#taken + 1] = redis.call('HGET', KEYS[2], hook) or '0'
end
local head = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return { head[2] and math.max(0, tonumber(head[2]) - now) or -1, taken }
