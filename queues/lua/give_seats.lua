-- uses: platform_day.lua
-- Gives pushes the seats of their templates, and says how many more may wait for one and when the others may come.
--
-- A template's limit is `most` sends in any window, and it has that many seats: each serves one send at its moment or shortly after,
-- and again a window after that send can have been last. So no window sees more sends than there are seats, whoever asks for which
-- moments in what order. Of the seats that are free at a moment the one freed last is taken: those freed before it serve
-- earlier moments as well, which another process may be about to ask for.
--
-- The moments are those of tokens of the account's rate that the caller has. Where the account has no rate, any moment will do.
--
-- Pushes that get no seat may wait for one that comes free soon (WAIT_MS), so that somebody is there to take it. The others
-- stand in a line at the template's pace, each to be there half that time before its seat, and go to its end if too
-- many are there then. The line is no longer than LINE_MS, since some of it may have been cancelled meanwhile.
-- The day (UTC+8) is exact. What is given a seat is counted whether or not it is sent: never too much.
--
-- KEYS[1] {tga:<account>}:templates:<api>, a hash: template → msgpack { day, sent on it, end of the line, ms }
-- KEYS[2 …] for each template {tga:<account>}:seats:<api>:<template>, a zset: seat → its last moment, µs
-- ARGV[1] msgpack { moments, µs, ascending }   ARGV[2] 1: any moment will do   ARGV[3] at least so far ahead, µs   ARGV[4] at most
-- ARGV[5] how long after its moment a seat may be used, µs
-- then for each template: template, wanted, most in a window (0: unlimited), window, ms, a day (0: unlimited)
-- Returns { now, µs since the epoch,
--           { the moments of its seats, µs (0: any time), how many more may wait,
--             ms until the first of the others may come, step, µs, ms after which none comes later } for each template }
-- O((moments × templates + wanted) × log(most)).

local WAIT_MS, LINE_MS = 500, 600000
local LONGEST_MS = 60000 -- a moment further ahead is of a clock that went back

local time = redis.call('TIME')
local now_us = time[1] * 1000000 + time[2]
local now = math.floor(now_us / 1000)
local day, midnight = day_of(now), now + day_left(now)

local function score(us) return string.format('%.0f', us) end

local function set_up_seats(key, most, window_ms)
  if redis.call('ZCOUNT', key, score((now + LONGEST_MS) * 1000), '+inf') > 0 then redis.call('DEL', key) end
  local had = redis.call('ZCARD', key)
  for seat = had, most - 1 do redis.call('ZADD', key, 0, seat) end
  for seat = most, had - 1 do redis.call('ZREM', key, seat) end
  redis.call('PEXPIRE', key, window_ms + LONGEST_MS)
end

-- When the seat comes free that does so after so many others.
local function free_at(each, skipped)
  local found = redis.call('ZRANGE', each.key, skipped, skipped, 'WITHSCORES')
  return found[2] and found[2] + each.window_us
end

local function give(each, seat, moment)
  redis.call('ZADD', each.key, score(moment), seat)
  each.moments[#each.moments + 1] = moment
  each.may = each.may - 1
end

local function give_at(each, moment)
  local seat = redis.call('ZREVRANGEBYSCORE', each.key, score(moment - each.window_us), '-inf', 'LIMIT', 0, 1)[1]
  if seat then give(each, seat, moment) end
  return seat
end

local function give_at_any(each)
  while each.may > 0 do
    local moment = math.max(free_at(each, 0), now_us + tonumber(ARGV[3]))
    if moment > now_us + tonumber(ARGV[4]) then return end
    give(each, redis.call('ZRANGE', each.key, 0, 0)[1], moment)
  end
end

local function read(n)
  local at = 6 + (n - 1) * 5
  local each = { template = ARGV[at], wanted = tonumber(ARGV[at + 1]), most = tonumber(ARGV[at + 2]), moments = {} }
  local window_ms, per_day = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  local value = redis.call('HGET', KEYS[1], each.template)
  local found = value and cmsgpack.unpack(value) or { day, 0, 0 }
  each.sent, each.line = found[1] == day and found[2] or 0, found[3]
  each.may = per_day > 0 and math.max(0, math.min(each.wanted, per_day - each.sent)) or each.wanted
  each.per_day = per_day
  if each.most > 0 then
    each.key, each.window_us, each.step_us = KEYS[1 + n], window_ms * 1000 + tonumber(ARGV[5]), window_ms * 1000 / each.most
    set_up_seats(each.key, each.most, window_ms)
  end
  return each
end

-- One moment after another, each for the next template that can use it.
local function share(templates)
  local last = 0
  for _, moment in ipairs(cmsgpack.unpack(ARGV[1])) do
    for n = last, last + #templates - 1 do
      local each = templates[n % #templates + 1]
      if each.most > 0 and each.may > 0 and give_at(each, moment) then
        last = n + 1
        break
      end
    end
  end
end

local function conclude(each)
  local waiting, opens = 0, now
  if each.most == 0 then
    for _ = 1, each.may do each.moments[#each.moments + 1] = 0 end
  else
    waiting = math.min(each.may, redis.call('ZCOUNT', each.key, '-inf', score(now_us + WAIT_MS * 1000 - each.window_us)))
    local free_us = free_at(each, waiting) or math.max(now_us, free_at(each, 0)) + each.window_us
    opens = math.floor(free_us / 1000) - WAIT_MS / 2
  end
  local granted = #each.moments
  local refused, step = each.wanted - granted - waiting, each.step_us or 0
  local line = each.line
  if each.per_day > 0 and each.sent + granted >= each.per_day then opens = midnight end
  if refused > 0 then line = math.min(math.max(line, opens), opens + LINE_MS) end
  local due, last = line, opens + LINE_MS
  if refused > 0 then line = math.min(math.floor(line + refused * step / 1000), last) end
  redis.call('HSET', KEYS[1], each.template, cmsgpack.pack({ day, each.sent + granted, line }))
  return { each.moments, waiting, due - now, math.ceil(step), last - now }
end

local templates, results = {}, {}
for n = 1, (#ARGV - 5) / 5 do templates[n] = read(n) end
if ARGV[2] == '1' then
  for _, each in ipairs(templates) do
    if each.most > 0 then give_at_any(each) end
  end
else
  share(templates)
end
for n, each in ipairs(templates) do results[n] = conclude(each) end
redis.call('EXPIRE', KEYS[1], 172800)
return { now_us, results }
