-- Counts pushes against the limits of their templates, and says how many may go now and when the others may come.
--
-- A template's limit is `most` sends in any window of so many ms: kept in ticks of a fiftieth of it, of which any 51 in a row see
-- no more. Unlike tokens an interval apart this lets what was set aside come back in lots, as sweeps bring it, and loses
-- nothing of the rate. The day (UTC+8) is exact. What is let through is counted whether or not it is sent: never too much.
--
-- Those that may not go stand in a line, each a step behind the one before, so that they do not come back together. The steps
-- leave time for the sweep that brings them (SWEEP_MS), or many would be early for their place. The line is no longer than
-- LINE_MS, since some of it may have been cancelled meanwhile.
--
-- KEYS[1] {tga:<account>}:templates:<api>, a hash: template → msgpack { day, sent on it, end of the line, ms, { tick, ms → sends } … }
-- ARGV for each template: template, wanted, most in a window (0: unlimited), window, ms, a day (0: unlimited)
-- Returns for each { granted, ms until the first of the others may come, step, µs, ms after which none comes later }
-- O(templates).

local DAY_MS, UTC_PLUS_8_MS, TICKS, LINE_MS, SWEEP_MS = 86400000, 28800000, 50, 600000, 60

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local day = math.floor((now + UTC_PLUS_8_MS) / DAY_MS)
local midnight = (day + 1) * DAY_MS - UTC_PLUS_8_MS

-- The sends that still count, the oldest first; those to come are of a clock that went back.
local function recent(found, tick, began)
  local ticks, sum = {}, 0
  for i = 4, #found, 2 do
    if found[i] >= began - TICKS * tick and found[i] <= began then
      ticks[#ticks + 1], ticks[#ticks + 2] = found[i], found[i + 1]
      sum = sum + found[i + 1]
    end
  end
  return ticks, sum
end

local function charge(template, wanted, most, window, per_day)
  local value = redis.call('HGET', KEYS[1], template)
  local found = value and cmsgpack.unpack(value) or { day, 0, 0 }
  local tick = math.ceil(window / TICKS)
  local began = now - now % tick
  local ticks, sum = recent(found, tick, began)
  local sent = found[1] == day and found[2] or 0
  local granted, free_at, step = wanted, now, 0
  if most > 0 then
    granted, step = math.min(granted, math.max(0, most - sum)), ((TICKS + 1) * tick + SWEEP_MS) / most
  end
  if per_day > 0 then granted = math.min(granted, math.max(0, per_day - sent)) end
  sent = sent + granted
  if most > 0 and granted > 0 then
    if ticks[#ticks - 1] == began then
      ticks[#ticks] = ticks[#ticks] + granted
    else
      ticks[#ticks + 1], ticks[#ticks + 2] = began, granted
    end
  end
  local line, refused = found[3], wanted - granted
  if refused > 0 then
    free_at = per_day > 0 and sent >= per_day and midnight or ticks[1] + (TICKS + 1) * tick
    line = math.min(math.max(line, free_at), free_at + LINE_MS)
  end
  local due, last = line, free_at + LINE_MS
  if refused > 0 then line = math.min(math.floor(line + refused * step), last) end
  redis.call('HSET', KEYS[1], template, cmsgpack.pack({ day, sent, line, unpack(ticks) }))
  return { granted, due - now, math.ceil(step * 1000), last - now }
end

local results = {}
for i = 1, #ARGV, 5 do
  results[#results + 1] = charge(ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3]),
    tonumber(ARGV[i + 4]))
end
redis.call('EXPIRE', KEYS[1], 172800)
return results
