-- Halves the pace of one API of an account, after the platform has called it too fast. From then on it grows again by as much each
-- second, up to the whole, which is when the key expires: so the time it has left is the part of the rate that is missing.
--
-- KEYS[1] {tga:<account>}:pace:<api>
-- ARGV[1] how long nothing would take to grow to the whole, ms   ARGV[2] the smallest pace, a share of the rate
-- Returns the pace in thousandths of the rate.
-- O(1).

local whole = tonumber(ARGV[1])
local pace = 1 - math.max(0, redis.call('PTTL', KEYS[1])) / whole
pace = math.max(pace / 2, tonumber(ARGV[2]))
redis.call('SET', KEYS[1], '', 'PX', math.ceil(whole * (1 - pace)))
return math.floor(pace * 1000)
