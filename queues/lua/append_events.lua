-- Appends each event whose identity was not seen in this window or the one before; both in one step, so that a crash
-- can neither lose an event that was marked nor append one twice. The next window is there only if the clock went back,
-- and counts as well.
--
-- KEYS[1] {tgN}:events   KEYS[2..4] {tgN}:seen:<0-2>, a ring of windows
-- ARGV[1] window, seconds   ARGV[2] wake channel   ARGV[3] shard   then for each event: identity, entry (msgpack)
-- Returns a string with '1' (appended) or '0' (a repeat) for each event.
-- O(events).

local window_seconds = tonumber(ARGV[1])
local window = math.floor(redis.call('TIME')[1] / window_seconds)
local current, previous = KEYS[2 + window % 3], KEYS[2 + (window + 2) % 3]
local fresh_set = redis.call('EXISTS', current) == 0
local others = {}
for _, key in ipairs({ previous, KEYS[2 + (window + 1) % 3] }) do
  if redis.call('EXISTS', key) == 1 then others[#others + 1] = key end
end

local function seen_elsewhere(identity)
  for _, key in ipairs(others) do
    if redis.call('SISMEMBER', key, identity) == 1 then return true end
  end
  return false
end

local results, appended = {}, false
for i = 4, #ARGV, 2 do
  local identity = ARGV[i]
  if seen_elsewhere(identity) or redis.call('SADD', current, identity) == 0 then
    results[#results + 1] = '0'
  else
    redis.call('XADD', KEYS[1], '*', 'e', ARGV[i + 1])
    results[#results + 1] = '1'
    appended = true
  end
end

if appended then
  if fresh_set then redis.call('EXPIRE', current, 2 * window_seconds) end
  redis.call('PUBLISH', ARGV[2], 'event ' .. ARGV[3] .. ' -')
end
return table.concat(results)
