-- Leases a slice of an account's rate on one API and books it in the day's ledger.
--
-- Tokens stand an interval apart in time (GCRA without a burst), each for one send at its own moment or shortly after;
-- some may be leased ahead of theirs. They are spent when they are leased: a worker that dies with some makes us send
-- too little for a moment, never too much. The arithmetic of the interval stands in rate.py.
--
-- KEYS[1] {tga:<account>}:rate:<api>   KEYS[2] {tga:<account>}:parked:<api>   KEYS[3] {tga:<account>}:stopped
-- ARGV[1] wanted   ARGV[2] interval between tokens, µs (0: unlimited)   ARGV[3] most tokens a slice
-- ARGV[4] tokens a day (0: unlimited)   ARGV[5] prefix of the day's ledger   ARGV[6] tokens leased before and not used
-- ARGV[7] the day they were leased on   ARGV[8] how far ahead, µs   ARGV[9] at least so far ahead, µs
-- Returns { granted, ms to wait before asking again, 'granted' | 'rate' | 'quota' | 'parked' | 'stopped', day, reason,
--           now, µs since the epoch, and µs from now to the first token's moment (both only if granted) }
-- O(1).

local UTC_PLUS_8 = 28800 -- the platform's day is Beijing's
local wanted, interval, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local per_day, unused = tonumber(ARGV[4]), tonumber(ARGV[6])
local ahead, lead = tonumber(ARGV[8]), tonumber(ARGV[9])

local time = redis.call('TIME')
local seconds, now = tonumber(time[1]) + UTC_PLUS_8, time[1] * 1000000 + time[2]
local day = math.floor(seconds / 86400)
local ledger = ARGV[5] .. day

if unused > 0 and tonumber(ARGV[7]) == day then redis.call('HINCRBY', ledger, 'spent', -unused) end

local stopped = redis.call('PTTL', KEYS[3])
if stopped > 0 then return { 0, stopped, 'stopped', day, redis.call('GET', KEYS[3]) } end
local parked = redis.call('PTTL', KEYS[2])
if parked > 0 then return { 0, parked, 'parked', day, '' } end

local granted = wanted
if per_day > 0 then
  granted = math.min(granted, per_day - (tonumber(redis.call('HGET', ledger, 'spent')) or 0))
  if granted <= 0 then return { 0, (86400 - seconds % 86400) * 1000, 'quota', day, '' } end
end
local first = now
if interval > 0 then
  local next, latest = math.max(tonumber(redis.call('GET', KEYS[1])) or 0, now + lead), now + ahead
  if next > latest + interval then
    -- No lease takes it further: the clock went back, and must not silence us until it has caught up.
    next = latest + interval
    redis.call('SET', KEYS[1], string.format('%.3f', next), 'PX', math.ceil((next - now) / 1000) + 1000)
  end
  granted = math.min(granted, most, math.floor((latest - next) / interval) + 1)
  if granted <= 0 then return { 0, math.ceil((next - latest) / 1000), 'rate', day, '' } end
  first, next = next, next + granted * interval
  redis.call('SET', KEYS[1], string.format('%.3f', next), 'PX', math.ceil((next - now) / 1000) + 1000)
end
if granted > 0 then
  redis.call('HINCRBY', ledger, 'spent', granted)
  redis.call('EXPIRE', ledger, 172800)
end
return { granted, 0, 'granted', day, '', now, math.ceil(first - now) }
