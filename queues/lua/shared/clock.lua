-- The store's clock, for the scripts that say `-- uses: clock.lua`.

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
