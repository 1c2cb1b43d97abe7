-- uses: clock.lua
-- uses: guarding.lua
-- Gives dead pushes another life: out of `dead`, into `later`, with all their attempts before them. One that is not dead
-- (any more) is left alone, so repeating the call moves nothing twice.
--
-- They are due one after another, so that a replay never comes between fresh pushes faster than its pace, however many
-- calls it is made of.
--
-- KEYS[1] {tgN}:dead   KEYS[2] {tgN}:later   KEYS[3] {tgN}:expiring
-- ARGV[1] prefix {tgN}:   ARGV[2] wake channel   ARGV[3] shard   ARGV[4] ms between two of an account   then ids
-- Returns a string with '1' (replayed) or '0' for each id.
-- O(ids × log(dead + later)).

local prefix, interval, now = ARGV[1], tonumber(ARGV[4]), now_ms()
local pace, results, replayed = {}, {}, false

local function due(account)
  pace[account] = math.max(pace[account] or tonumber(redis.call('GET', prefix .. 'replay:' .. account)) or 0, now) + interval
  return pace[account]
end

local function replay(id)
  local job = prefix .. 'job:' .. id
  local f = redis.call('HMGET', job, 'state', 'queue', 'expire')
  if f[1] ~= 'dead' or redis.call('ZSCORE', KEYS[1], id) == false then return '0' end
  local expire, time = f[3] and string.format('%.0f', f[3]), due(string.match(f[2], '^[^:]+'))
  redis.call('ZREM', KEYS[1], id)
  redis.call('HSET', job, 'state', 'retrying', 'attempts', 0, 'due', time)
  redis.call('HDEL', job, 'finished')
  redis.call('PERSIST', job)
  redis.call('ZADD', KEYS[2], time, id)
  if expire then redis.call('ZADD', KEYS[3], expire, id) end
  replayed = true
  return '1'
end

for i = 5, #ARGV do
  local read, result = attempt(replay, ARGV[i])
  results[#results + 1] = read and result or '0'
end
for account, time in pairs(pace) do
  redis.call('SET', prefix .. 'replay:' .. account, string.format('%.0f', time), 'PX', math.ceil(time - now) + 1000)
end
if replayed then redis.call('PUBLISH', ARGV[2], 'due ' .. ARGV[3] .. ' -') end
return table.concat(results)
