-- uses: clock.lua
-- uses: holding.lua
-- Lets what is parked be tried at once, with one push; what a person stopped or must mend stays.
--
-- KEYS[1] {tga:<account>}:holds
-- ARGV[1] field
-- Returns 1 if it was parked.
-- O(1).

local known = redis.call('HGET', KEYS[1], ARGV[1])
local hold = known and read_hold(known)
if not hold or hold.kind ~= 'parked' then return 0 end
hold.until_ms = now_ms()
write_hold(KEYS[1], ARGV[1], hold)
return 1
