-- uses: clock.lua
-- uses: seen.lua
-- Trims the stream by age, never past the oldest entry that a group has not acknowledged or not yet read. Forgets old
-- identities, too, where no event comes any more.
--
-- KEYS[1] {tgN}:events   KEYS[2] {tgN}:seen-since   KEYS[3..] {tgN}:seen:<n>, the current window first
-- ARGV[1] retain, ms   ARGV[2] window, seconds
-- Returns the number of entries removed.
-- O(removed + groups).

end_window(KEYS[2], { unpack(KEYS, 3) }, tonumber(ARGV[2]))
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end

local function parts(id)
  local ms, seq = string.match(id, '^(%d+)-?(%d*)$')
  return tonumber(ms), tonumber(seq) or 0
end

local function smaller(a, b)
  local a_ms, a_seq = parts(a)
  local b_ms, b_seq = parts(b)
  if a_ms ~= b_ms then return a_ms < b_ms and a or b end
  return a_seq < b_seq and a or b
end

local oldest = string.format('%d-0', math.max(0, now_ms() - tonumber(ARGV[1])))
for _, flat in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #flat, 2 do group[flat[i]] = flat[i + 1] end
  oldest = smaller(oldest, group['last-delivered-id'])
  if group['pending'] > 0 then oldest = smaller(oldest, redis.call('XPENDING', KEYS[1], group['name'])[2]) end
end
return redis.call('XTRIM', KEYS[1], 'MINID', oldest)
