-- uses: clock.lua
-- uses: queueing.lua
-- Creates a job for each push and puts its id into its queue, or into `later` if it is not due yet. Repeating the call
-- with the same ids changes nothing.
--
-- KEYS[1] {tgN}:later
-- ARGV[1] prefix {tgN}:   ARGV[2] wake channel   ARGV[3] shard
-- then for each push: id, queue, digest of the recipient, payload, send at (ms, 0 now), expire at (ms, 0 never),
-- keyed ('1' if it has an idempotency key)
-- Returns a string with 'q' (queued), 's' (scheduled) or 'd' (was there already) for each push.
-- O(pushes).

local prefix, now = ARGV[1], now_ms()
local results, feeds, scheduled = {}, {}, false
for i = 4, #ARGV, 7 do
  local id, queue, send_at = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 4])
  local job = prefix .. 'job:' .. id
  if redis.call('EXISTS', job) == 1 then
    results[#results + 1] = 'd'
  else
    local later = send_at > now
    redis.call('HSET', job, 'queue', queue, 'recipient', ARGV[i + 2], 'payload', ARGV[i + 3],
      'state', later and 'scheduled' or 'queued')
    if ARGV[i + 5] ~= '0' then redis.call('HSET', job, 'expire', ARGV[i + 5]) end
    if ARGV[i + 6] == '1' then redis.call('HSET', job, 'keyed', '1') end
    if later then
      redis.call('ZADD', KEYS[1], send_at, id)
      scheduled = true
      results[#results + 1] = 's'
    else
      feeds[enqueue(prefix, queue, id, 'back')] = true
      results[#results + 1] = 'q'
    end
  end
end
wake(feeds, ARGV[2], ARGV[3])
if scheduled then redis.call('PUBLISH', ARGV[2], 'due ' .. ARGV[3] .. ' -') end
return table.concat(results)
