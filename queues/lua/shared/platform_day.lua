-- The day by which the platform counts quotas (`-- uses: platform_day.lua`): Beijing's, UTC+8.

local DAY_MS, UTC_PLUS_8_MS = 86400000, 28800000

-- Its number since the epoch; `now` is in ms.
local function day_of(now)
  return math.floor((now + UTC_PLUS_8_MS) / DAY_MS)
end

-- ms until the next one begins.
local function day_left(now)
  return DAY_MS - (now + UTC_PLUS_8_MS) % DAY_MS
end
