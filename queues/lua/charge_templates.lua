-- Counts pushes against the limits of their templates, and says how many may go now and when the others may come.
--
-- A template's limit is `most` sends in any window of so many ms. What is let through may be sent until some ms from now (it waits
-- for a token of its account's rate, and for a lane), so it counts from now until a window after that: then no window can see it
-- and one let through later, whenever within its time it was sent. Sends are kept in ticks of a fiftieth of a window, by the tick in
-- which the last of them may be sent. Unlike tokens an interval apart this lets what was set aside come back in lots, as sweeps bring
-- it. The day (UTC+8) is exact. What is let through is counted whether or not it is sent: never too much.
--
-- Those that may not go stand in a line, each a step behind the one before, so that they do not come back together. The steps
-- leave time for the sweep that brings them (SWEEP_MS), or many would be early for their place. The line is no longer than
-- LINE_MS, since some of it may have been cancelled meanwhile.
--
-- KEYS[1] {tga:<account>}:templates:<api>, a hash: template → msgpack { day, sent on it, end of the line, ms, { tick, ms → sends } … }
-- ARGV[1] for how many ms from now what is let through may be sent
-- then for each template: template, wanted, most in a window (0: unlimited), window, ms, a day (0: unlimited)
-- Returns { now, µs since the epoch,
--           { granted, ms until the first of the others may come, step, µs, ms after which none comes later } for each template }
-- O(templates).

local DAY_MS, UTC_PLUS_8_MS, TICKS, LINE_MS, SWEEP_MS = 86400000, 28800000, 50, 600000, 60
local LONGEST_MS = 60000 -- a tick further ahead is of a clock that went back

local good_ms = tonumber(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local day = math.floor((now + UTC_PLUS_8_MS) / DAY_MS)
local midnight = (day + 1) * DAY_MS - UTC_PLUS_8_MS

-- The ticks that still count, ascending, and what is in them.
local function recent(found, oldest)
  local ticks, sends, sum = {}, {}, 0
  for i = 4, #found, 2 do
    if found[i] >= oldest and found[i] <= now + LONGEST_MS then
      ticks[#ticks + 1], sends[found[i]] = found[i], found[i + 1]
      sum = sum + found[i + 1]
    end
  end
  return ticks, sends, sum
end

local function add(ticks, sends, tick, count)
  if not sends[tick] then
    ticks[#ticks + 1] = tick
    table.sort(ticks)
  end
  sends[tick] = (sends[tick] or 0) + count
end

local function charge(template, wanted, most, window, per_day)
  local value = redis.call('HGET', KEYS[1], template)
  local found = value and cmsgpack.unpack(value) or { day, 0, 0 }
  local tick = math.ceil(window / TICKS)
  local ticks, sends, sum = recent(found, now - now % tick - TICKS * tick)
  local sent = found[1] == day and found[2] or 0
  local granted, free_at, step = wanted, now, 0
  if most > 0 then
    granted, step = math.min(granted, math.max(0, most - sum)), ((TICKS + 1) * tick + good_ms + SWEEP_MS) / most
  end
  if per_day > 0 then granted = math.min(granted, math.max(0, per_day - sent)) end
  sent = sent + granted
  if most > 0 and granted > 0 then
    local last = now + good_ms
    add(ticks, sends, last - last % tick, granted)
  end
  local line, refused = found[3], wanted - granted
  if refused > 0 then
    free_at = per_day > 0 and sent >= per_day and midnight or ticks[1] + (TICKS + 1) * tick
    line = math.min(math.max(line, free_at), free_at + LINE_MS)
  end
  local due, last = line, free_at + LINE_MS
  if refused > 0 then line = math.min(math.floor(line + refused * step), last) end
  local kept = { day, sent, line }
  for _, each in ipairs(ticks) do
    kept[#kept + 1] = each
    kept[#kept + 1] = sends[each]
  end
  redis.call('HSET', KEYS[1], template, cmsgpack.pack(kept))
  return { granted, due - now, math.ceil(step * 1000), last - now }
end

local results = {}
for i = 2, #ARGV, 5 do
  results[#results + 1] = charge(ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3]),
    tonumber(ARGV[i + 4]))
end
redis.call('EXPIRE', KEYS[1], 172800)
return { time[1] * 1000000 + time[2], results }
