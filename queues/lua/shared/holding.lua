-- Shared by the scripts that know an account's holds (`-- uses: holding.lua`).
--
-- {tga:<account>}:holds has a field for each thing that rests: '*' (the account), 'api:<api>', 'template:<api>:<id>'. A value is
-- '<until, ms> <times> <probing> <kind> <reason>'. A hold does not end with its time: then one push may be tried (a probe,
-- and the next after PROBE_MS if nothing was heard of it), and its success removes the field.

local PROBE_MS = 15000

local function read_hold(value)
  local until_ms, times, probing, kind, reason = string.match(value, '^(%d+) (%d+) (%d) (%a+) (.*)$')
  if not reason then kind, reason = 'parked', 'unknown' end -- a value of another form is over: a probe will end it
  return { until_ms = tonumber(until_ms) or 0, times = tonumber(times) or 0, probing = probing == '1', kind = kind, reason = reason }
end

local function write_hold(key, field, hold)
  local value = string.format('%d %d %d %s %s', hold.until_ms, hold.times, hold.probing and 1 or 0, hold.kind, hold.reason)
  redis.call('HSET', key, field, value)
end

-- Lets one push through, and no other for a while.
local function probe(key, field, hold, now)
  hold.until_ms, hold.probing = now + PROBE_MS, true
  write_hold(key, field, hold)
end
