-- uses: clock.lua
-- uses: holding.lua
-- Holds back an account, an API or a template. One that is held already keeps its time if that is longer: what was in flight
-- together says the same. One that was just tried again and failed rests twice as long as before, up to a bound.
--
-- KEYS[1] {tga:<account>}:holds
-- ARGV[1] field   ARGV[2] for how long, ms   ARGV[3] the longest it may grow to, ms   ARGV[4] 'parked' or 'stopped'
-- ARGV[5] reason
-- Returns { ms it is held for, 1 if it was not held before }
-- O(1).

local FORGOTTEN_MS = 86400000 -- nobody came to try it again

local now, ms = now_ms(), tonumber(ARGV[2])
local known = redis.call('HGET', KEYS[1], ARGV[1])
local hold = { times = 0, kind = ARGV[4], reason = ARGV[5], probing = false }
if known then
  local old = read_hold(known)
  if not old.probing and old.until_ms > now then
    if old.until_ms >= now + ms then return { old.until_ms - now, 0 } end
    hold.times = old.times
  else
    hold.times = old.times + 1
    ms = math.max(ms, math.min(tonumber(ARGV[3]), ms * 2 ^ math.min(hold.times, 20)))
  end
end
hold.until_ms = now + ms
write_hold(KEYS[1], ARGV[1], hold)
redis.call('PEXPIRE', KEYS[1], math.max(redis.call('PTTL', KEYS[1]), ms + FORGOTTEN_MS))
return { ms, known and 0 or 1 }
