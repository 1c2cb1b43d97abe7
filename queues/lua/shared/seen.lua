-- The identities of the last events, for the scripts that say `-- uses: seen.lua`: a set for the current window of time,
-- one for the window before, and one for that before it.
--
-- No set has a time to live: a clock that is set an hour ahead would end them all at once, and the next repeat would be
-- appended again. Instead a window ends with the first call after its time, which forgets the oldest set and no other,
-- however far ahead the clock is then. One that goes back begins the current window anew, and forgets nothing.

local function end_window(since_key, sets, window_seconds)
  local now = tonumber(redis.call('TIME')[1])
  local since = tonumber(redis.call('GET', since_key) or now + 1)
  if since <= now and now < since + window_seconds then return end
  redis.call('SET', since_key, now)
  if since > now then return end
  redis.call('UNLINK', sets[#sets])
  for i = #sets, 2, -1 do
    if redis.call('EXISTS', sets[i - 1]) == 1 then redis.call('RENAME', sets[i - 1], sets[i]) end
  end
end
