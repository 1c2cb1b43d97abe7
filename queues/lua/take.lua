-- uses: clock.lua
-- uses: queueing.lua
-- uses: finishing.lua
-- uses: suppressing.lua
-- Takes up to `count` pushes of one feed (<account>:<api>), fairly over its upstreams and by priority, and writes the claims.
-- What expired or is suppressed is finished on the way, what was cancelled is dropped, and the next one takes its place.
--
-- Fairness is stride scheduling: each queue has a virtual time, the smallest is served, and serving one push adds
-- 1 / weight of its priority. So a flood in one queue delays the others by no more than their shares, and `bulk`
-- always has a share of its own.
--
-- KEYS[1] {tgN}:claims   KEYS[2] {tgN}:work   KEYS[3] {tgN}:work:<feed>   KEYS[4] {tgN}:suppressed
-- ARGV[1] prefix {tgN}:   ARGV[2] feed   ARGV[3] count   ARGV[4] claim, ms   ARGV[5] retain, ms
-- Returns { '1' if the feed has nothing left here else '0',
--           { id, claim number, attempts, queue, payload, … for each claim },
--           { id, queue, payload, state, … for each push finished on the way } }
-- O(count × queues of the feed).

local WEIGHTS = { high = 16, normal = 4, bulk = 1 }

local prefix, feed, count = ARGV[1], ARGV[2], tonumber(ARGV[3])
local retain_ms, now = tonumber(ARGV[5]), now_ms()
local until_ms = now + tonumber(ARGV[4])
local any_suppressed = redis.call('EXISTS', KEYS[4]) == 1

local queues = {}
local flat = redis.call('HGETALL', KEYS[3])
for i = 1, #flat, 2 do
  queues[#queues + 1] = { rest = flat[i], time = tonumber(flat[i + 1]), weight = WEIGHTS[string.match(flat[i], '[^:]+$')] }
end

local function next_queue()
  local best = 1
  for i = 2, #queues do
    if queues[i].time < queues[best].time then best = i end
  end
  return best
end

local claims, claimed, dropped = {}, {}, {}

local function consider(id, queue)
  local job = prefix .. 'job:' .. id
  local f = redis.call('HMGET', job, 'state', 'payload', 'claim', 'attempts', 'expire', 'recipient', 'keyed')
  if f[1] ~= 'queued' then return false end -- cancelled, or gone: its id was only left behind here
  local state = nil
  if f[5] and tonumber(f[5]) <= now then
    state = 'expired'
    finish(job, f[7], state, 'expired before it could be sent', now, retain_ms)
  elseif any_suppressed and f[6] then
    local reason = suppression(KEYS[4], f[6], f[2])
    if reason then
      state = 'suppressed'
      finish(job, f[7], state, reason, now, retain_ms)
    end
  end
  if state then
    for _, value in ipairs({ id, queue, f[2], state }) do dropped[#dropped + 1] = value end
    return false
  end
  local number = (tonumber(f[3]) or 0) + 1
  redis.call('HSET', job, 'state', 'sending', 'claim', number)
  claims[#claims + 1] = until_ms
  claims[#claims + 1] = id
  for _, value in ipairs({ id, tostring(number), f[4] or '0', queue, f[2] }) do claimed[#claimed + 1] = value end
  return true
end

local taken = 0
while taken < count and #queues > 0 do
  local index = next_queue()
  local chosen = queues[index]
  local name = feed .. ':' .. chosen.rest
  -- Alone, a queue is emptied in one pop a round; beside others, one push at a time.
  local ids = redis.call('RPOP', prefix .. 'q:' .. name, #queues == 1 and count - taken or 1)
  if not ids then
    redis.call('HDEL', KEYS[3], chosen.rest)
    table.remove(queues, index)
  else
    for _, id in ipairs(ids) do
      if consider(id, name) then
        taken = taken + 1
        chosen.time = chosen.time + 1 / chosen.weight
      end
    end
  end
end

for i = #queues, 1, -1 do
  if redis.call('EXISTS', prefix .. 'q:' .. feed .. ':' .. queues[i].rest) == 0 then
    redis.call('HDEL', KEYS[3], queues[i].rest)
    table.remove(queues, i)
  else
    redis.call('HSET', KEYS[3], queues[i].rest, string.format('%.6f', queues[i].time))
  end
end
if #queues == 0 then redis.call('SREM', KEYS[2], feed) end
if #claims > 0 then redis.call('ZADD', KEYS[1], unpack(claims)) end
return { #queues == 0 and '1' or '0', claimed, dropped }
