-- uses: holding.lua
-- uses: platform_day.lua
-- Leases a slice of an account's rate on one API and books it in the day's ledger.
--
-- Tokens stand an interval apart in time (GCRA without a burst), each for one send at its own moment or shortly after;
-- some may be leased ahead of theirs. They are spent when they are leased: a worker that dies with some makes us send
-- too little for a moment, never too much. The arithmetic of the interval stands in rate.py; while the pace is slowed
-- (slow_down.lua) the tokens stand further apart.
--
-- Pushes that are not of high priority may use so many of a day's tokens, so that a reserve is left for `high`. They are
-- booked when they are claimed, so processes that claim at once may overdraw this by a round of theirs; the day's total is exact.
--
-- KEYS[1] {tga:<account>}:rate:<api>   KEYS[2] {tga:<account>}:holds   KEYS[3] {tga:<account>}:pace:<api>
-- ARGV[1] wanted   ARGV[2] interval between tokens, µs (0: unlimited)   ARGV[3] most tokens a slice
-- ARGV[4] tokens a day (0: unlimited)   ARGV[5] prefix of the day's ledger   ARGV[6] tokens leased before and not used
-- ARGV[7] the day they were leased on   ARGV[8] how far ahead, µs   ARGV[9] at least so far ahead, µs
-- ARGV[10] tokens a day for other than high priority   ARGV[11] how many were claimed since the last call
-- ARGV[12] how long the slowest pace takes to grow to the whole, ms   ARGV[13] api   then the fields of the holds over it
-- Returns { granted, ms to wait before asking again, 'granted' | 'probe' | 'rate' | 'quota' | 'parked' | 'stopped', day, reason,
--           how many of other than high priority may go (-1: any), { template that rests, ms, 1 if one push of it may be tried, … },
--           now, µs since the epoch, µs from now to the first token's moment, and thousandths of a µs between tokens (these only if granted) }
-- O(1), and O(holds) while something is held.

local MARK_SECONDS = 600
local FARTHEST = 5000000 -- µs: whoever leases for many accounts at once leases further ahead than others, but no further than this
local wanted, interval, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local per_day, unused, claimed = tonumber(ARGV[4]), tonumber(ARGV[6]), tonumber(ARGV[11])
local ahead, lead = tonumber(ARGV[8]), tonumber(ARGV[9])

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local now_ms = math.floor(now / 1000)
local day = day_of(now_ms)
local ledger = ARGV[5] .. day

if unused ~= 0 and tonumber(ARGV[7]) == day then redis.call('HINCRBY', ledger, 'spent', -unused) end
if per_day > 0 and claimed ~= 0 then
  redis.call('HINCRBY', ledger, 'ordinary', claimed)
  redis.call('EXPIRE', ledger, 172800)
end

local to_probe, templates = {}, {}
local of_templates = 'template:' .. ARGV[13] .. ':'
local holds = redis.call('HGETALL', KEYS[2]) -- empty, nearly always
for i = 1, #holds, 2 do
  local field, hold = holds[i], read_hold(holds[i + 1])
  local left = hold.until_ms - now_ms
  if string.sub(field, 1, #of_templates) == of_templates then
    local template = string.sub(field, #of_templates + 1)
    if left <= 0 and wanted > 0 then probe(KEYS[2], field, hold, now_ms) end
    for _, value in ipairs({ template, math.max(0, hold.until_ms - now_ms), left <= 0 and 1 or 0 }) do
      templates[#templates + 1] = value
    end
  elseif field == ARGV[14] or field == ARGV[15] then
    if left > 0 then return { 0, left, hold.kind, day, hold.reason, -1, {} } end
    to_probe[#to_probe + 1] = { field, hold }
  end
end

local granted, ordinary = #to_probe > 0 and math.min(wanted, 1) or wanted, -1
if per_day > 0 then
  local spent = redis.call('HMGET', ledger, 'spent', 'ordinary', 'mark')
  local marked = spent[3] and tonumber(string.match(spent[3], '^%d+'))
  if wanted > 0 and (not marked or marked + MARK_SECONDS < tonumber(time[1])) then -- for the pace of late
    if marked then redis.call('HSET', ledger, 'before', spent[3]) end
    redis.call('HSET', ledger, 'mark', string.format('%d %d', time[1], tonumber(spent[1]) or 0))
    redis.call('EXPIRE', ledger, 172800)
  end
  local left = per_day - (tonumber(spent[1]) or 0)
  granted = math.min(granted, left)
  ordinary = math.max(0, tonumber(ARGV[10]) - (tonumber(spent[2]) or 0))
  if left <= 0 then return { 0, day_left(now_ms), 'quota', day, '', ordinary, templates } end
end
local first = now
if interval > 0 then
  interval = interval / (1 - math.max(0, redis.call('PTTL', KEYS[3])) / tonumber(ARGV[12]))
  local next, latest = math.max(tonumber(redis.call('GET', KEYS[1])) or 0, now + lead), now + ahead
  if next > now + FARTHEST + interval then
    -- No lease of anybody takes it further: the clock went back, and must not silence us until it has caught up.
    next = latest + interval
    redis.call('SET', KEYS[1], string.format('%.3f', next), 'PX', math.ceil((next - now) / 1000) + 1000)
  end
  granted = math.min(granted, most, math.floor((latest - next) / interval) + 1)
  if granted <= 0 then return { 0, math.ceil((next - latest) / 1000), 'rate', day, '', ordinary, templates } end
  first, next = next, next + granted * interval
  redis.call('SET', KEYS[1], string.format('%.3f', next), 'PX', math.ceil((next - now) / 1000) + 1000)
end
if granted > 0 then
  redis.call('HINCRBY', ledger, 'spent', granted)
  redis.call('EXPIRE', ledger, 172800)
  for _, each in ipairs(to_probe) do probe(KEYS[2], each[1], each[2], now_ms) end
end
local state = #to_probe > 0 and granted > 0 and 'probe' or 'granted'
return { granted, 0, state, day, '', ordinary, templates, now, math.ceil(first - now), math.ceil(interval * 1000) }
