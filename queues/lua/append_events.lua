-- Appends each event whose identity was not seen in this window or the one before; both in one step, so that a crash
-- can neither lose an event that was marked nor append one twice. The next window is there only if the clock went back,
-- and counts as well. A window is asked, and told, of the whole batch at once.
--
-- KEYS[1] {tgN}:events   KEYS[2..4] {tgN}:seen:<0-2>, a ring of windows
-- ARGV[1] window, seconds   ARGV[2] wake channel   ARGV[3] shard   then for each event: identity, entry (msgpack)
-- Returns a string with '1' (appended) or '0' (a repeat) for each event.
-- O(events).

local window_seconds = tonumber(ARGV[1])
local current = KEYS[2 + math.floor(redis.call('TIME')[1] / window_seconds) % 3]

local identities = {}
for i = 4, #ARGV, 2 do identities[#identities + 1] = ARGV[i] end

local seen, begun = {}, {}
for w = 2, 4 do
  begun[KEYS[w]] = redis.call('EXISTS', KEYS[w]) == 1
  if begun[KEYS[w]] then
    for i, is_there in ipairs(redis.call('SMISMEMBER', KEYS[w], unpack(identities))) do
      if is_there == 1 then seen[identities[i]] = true end
    end
  end
end

local results, fresh = {}, {}
for i, identity in ipairs(identities) do
  if seen[identity] then
    results[i] = '0'
  else
    seen[identity] = true
    fresh[#fresh + 1] = identity
    redis.call('XADD', KEYS[1], '*', 'e', ARGV[3 + 2 * i])
    results[i] = '1'
  end
end

if #fresh > 0 then
  redis.call('SADD', current, unpack(fresh))
  if not begun[current] then redis.call('EXPIRE', current, 2 * window_seconds) end
  redis.call('PUBLISH', ARGV[2], 'event ' .. ARGV[3] .. ' -')
end
return table.concat(results)
