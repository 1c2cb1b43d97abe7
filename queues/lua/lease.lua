-- Leases a slice of an account's rate on one API (GCRA) and books it in the day's ledger.
--
-- Tokens are spent when they are leased: a worker that dies with some makes us send too little for a moment, never too
-- much. The arithmetic of the interval stands in rate.py.
--
-- KEYS[1] {tga:<account>}:rate:<api>   KEYS[2] {tga:<account>}:parked:<api>   KEYS[3] {tga:<account>}:stopped
-- ARGV[1] wanted   ARGV[2] interval between tokens, µs (0: unlimited)   ARGV[3] most tokens a slice
-- ARGV[4] tokens a day (0: unlimited)   ARGV[5] prefix of the day's ledger   ARGV[6] tokens leased before and not used
-- ARGV[7] the day they were leased on
-- Returns { granted, ms to wait before asking again, 'granted' | 'rate' | 'quota' | 'parked' | 'stopped', day, reason }
-- O(1).

local UTC_PLUS_8 = 28800 -- the platform's day is Beijing's
local wanted, interval, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local per_day, unused = tonumber(ARGV[4]), tonumber(ARGV[6])

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
if interval > 0 then
  -- `full` is when every token of a slice is there again.
  local full = math.max(tonumber(redis.call('GET', KEYS[1])) or 0, now)
  if full > now + most * interval then
    -- No lease takes it further ahead than a slice: the clock went back, and must not silence us until it has caught up.
    full = now + most * interval
    redis.call('SET', KEYS[1], string.format('%.3f', full), 'PX', math.ceil((full - now) / 1000) + 1000)
  end
  granted = math.min(granted, math.floor((now + most * interval - full) / interval))
  if granted <= 0 then
    return { 0, math.ceil((full + interval - now - most * interval) / 1000), 'rate', day, '' }
  end
  full = full + granted * interval
  redis.call('SET', KEYS[1], string.format('%.3f', full), 'PX', math.ceil((full - now) / 1000) + 1000)
end
if granted > 0 then
  redis.call('HINCRBY', ledger, 'spent', granted)
  redis.call('EXPIRE', ledger, 172800)
end
return { granted, 0, 'granted', day, '' }
