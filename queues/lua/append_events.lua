-- uses: seen.lua
-- Appends each event whose identity is not remembered; both in one step, so that a crash can neither lose an event that was
-- marked nor append one twice. A window is asked, and told, of the whole batch at once.
--
-- KEYS[1] {tgN}:events   KEYS[2] {tgN}:seen-since   KEYS[3..] {tgN}:seen:<n>, the current window first
-- ARGV[1] window, seconds   ARGV[2] wake channel   ARGV[3] shard   then for each event: identity, entry (msgpack)
-- Returns a string with '1' (appended) or '0' (a repeat) for each event.
-- O(events).

local windows = { unpack(KEYS, 3) }
end_window(KEYS[2], windows, tonumber(ARGV[1]))

local identities = {}
for i = 4, #ARGV, 2 do identities[#identities + 1] = ARGV[i] end

local seen = {}
for _, window in ipairs(windows) do
  if redis.call('EXISTS', window) == 1 then
    for i, is_there in ipairs(redis.call('SMISMEMBER', window, unpack(identities))) do
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
  redis.call('SADD', windows[1], unpack(fresh))
  redis.call('PUBLISH', ARGV[2], 'event ' .. ARGV[3] .. ' -')
end
return table.concat(results)
