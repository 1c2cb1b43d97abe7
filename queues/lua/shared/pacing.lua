-- uses: platform_day.lua
-- What one recipient will bear (`-- uses: pacing.lua`): at most so many pushes a day (UTC+8), and a gap between two.
--
-- {tgN}:paced:<feed>:<recipient> is '<last> <next> <day> <count>': when the last one was let through, when one that is set aside now may
-- come (each gets a gap of its own, so that they do not come back together), and how many there were on that day.

-- Lets a push through (nil), or says when it may come. O(1).
local function pace(key, now, gap_ms, per_day)
  local last, next_ms, on, count = string.match(redis.call('GET', key) or '', '^(%d+) (%d+) (%d+) (%d+)$')
  last, next_ms, on, count = tonumber(last) or 0, tonumber(next_ms) or 0, tonumber(on) or 0, tonumber(count) or 0
  local day = day_of(now)
  if on ~= day then count = 0 end
  if per_day > 0 and count >= per_day then return now + day_left(now) end
  local due = nil
  if gap_ms > 0 and last <= now and last + gap_ms > now then -- a `last` to come is a clock that went back
    due = math.max(next_ms, last + gap_ms)
    next_ms = due + gap_ms
  else
    last, count = now, count + 1
  end
  redis.call('SET', key, string.format('%d %d %d %d', last, next_ms, day, count), 'PX',
    math.max(day_left(now), gap_ms, next_ms - now))
  return due
end
