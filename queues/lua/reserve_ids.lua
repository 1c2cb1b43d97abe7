-- Binds idempotency keys to push ids: the first request with a key decides the id, later ones are given it. The key of
-- a whole request is bound to what request_keys.py makes of that request in the same way.
--
-- A reservation alone sends nothing: append_pushes.lua creates the job under the reserved id if it is not there yet, so
-- a crash between the two steps is mended by the caller's own repeat.
--
-- KEYS[1..3] {tgN}:idem:<0-2>, a ring of windows
-- ARGV[1] window, seconds   then for each: digest of upstream and key, proposed value
-- Returns an array: the value bound, for each.
-- O(keys).

local window_seconds = tonumber(ARGV[1])
local window = math.floor(redis.call('TIME')[1] / window_seconds)
local current, previous = KEYS[1 + window % 3], KEYS[1 + (window + 2) % 3]
local fresh_hash = redis.call('EXISTS', current) == 0

local ids = {}
for i = 2, #ARGV, 2 do
  local id = redis.call('HGET', previous, ARGV[i]) or redis.call('HGET', current, ARGV[i])
  if not id then
    id = ARGV[i + 1]
    redis.call('HSET', current, ARGV[i], id)
  end
  ids[#ids + 1] = id
end
if fresh_hash and redis.call('EXISTS', current) == 1 then redis.call('EXPIRE', current, 2 * window_seconds) end
return ids
