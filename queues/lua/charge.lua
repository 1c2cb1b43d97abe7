-- Charges pushes to an upstream's rate (GCRA by debt).
--
-- A request is admitted while a whole push is left, and then charged for all of its pushes, even beyond what is left: so a
-- batch larger than the burst is not refused for ever, and the average holds all the same, since the next one waits until
-- the debt is paid.
--
-- KEYS[1] {tgu:<upstream>}:rate
-- ARGV[1] pushes   ARGV[2] interval between pushes, µs   ARGV[3] burst, µs   ARGV[4] most pushes a request
-- Returns { admitted (1 or 0), pushes left, ms until the next push is left (0: there is one), ms until all are left }
-- O(1).

local pushes, interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

-- `full` is when the whole burst is there again. No request takes it further ahead than this: a clock that went back must
-- not silence an upstream until it has caught up.
local furthest = now + burst + tonumber(ARGV[4]) * interval
local full = math.max(tonumber(redis.call('GET', KEYS[1])) or 0, now)
local admitted = now + burst - full >= interval
if admitted or full > furthest then
  full = math.min(full + (admitted and pushes * interval or 0), furthest)
  redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1000)
end
local left = math.max(0, math.floor((now + burst - full) / interval))
local wait = math.max(0, math.ceil((full + interval - now - burst) / 1000))
return { admitted and 1 or 0, left, wait, math.ceil((full - now) / 1000) }
