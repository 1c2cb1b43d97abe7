-- uses: clock.lua
-- uses: queueing.lua
-- Creates a job for each push and puts its id into its queue, or into `later` if it is not due yet. Repeating the call
-- changes nothing.
--
-- An id that is not `keyed` was drawn for this call, so all of these exist if one does: then this is the call again, its
-- answer was lost. So only the first of them is looked up, and each that is keyed.
--
-- KEYS[1] {tgN}:later   KEYS[2] {tgN}:expiring
-- ARGV[1] prefix {tgN}:   ARGV[2] wake channel   ARGV[3] shard
-- then for each group of pushes that have this in common: queue, send at (ms, 0 now), expire at (ms, 0 never), flags (as
-- finishing.lua has them), number of pushes; and for each of these: id, digest of the recipient, payload
-- Returns a string with 'q' (queued), 's' (scheduled) or 'd' (was there already) for each push.
-- O(pushes).

local HEAD, PUSH = 5, 3 -- words of a group, and of each of its pushes

local prefix, now = ARGV[1], now_ms()
local results, feeds, scheduled, again = {}, {}, false, nil

local function is_there(job, keyed)
  if keyed then return redis.call('EXISTS', job) == 1 end
  if again == nil then again = redis.call('EXISTS', job) == 1 end
  return again
end

local i = 4
while i <= #ARGV do
  local queue, send_at, expire_at, keyed = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2], string.find(ARGV[i + 3], 'k', 1, true)
  local first, last = i + HEAD, i + HEAD - 1 + PUSH * tonumber(ARGV[i + 4])
  local later, ids = send_at > now, {}
  local state, mark = later and 'scheduled' or 'queued', later and 's' or 'q'
  for p = first, last, PUSH do
    local id = ARGV[p]
    local job = prefix .. 'job:' .. id
    if is_there(job, keyed) then
      results[#results + 1] = 'd'
    else
      -- A small hash is one block of memory: with its longest field first and what changes last, least of it is moved.
      redis.call('HSET', job, 'payload', ARGV[p + 2], 'recipient', ARGV[p + 1], 'queue', queue, 'state', state)
      if expire_at ~= '0' then
        redis.call('HSET', job, 'expire', expire_at)
        redis.call('ZADD', KEYS[2], expire_at, id)
      end
      if ARGV[i + 3] ~= '' then redis.call('HSET', job, 'flags', ARGV[i + 3]) end
      if later then redis.call('ZADD', KEYS[1], send_at, id) end
      ids[#ids + 1] = id
      results[#results + 1] = mark
    end
  end
  if #ids > 0 then
    if later then scheduled = true else feeds[enqueue_all(prefix, queue, ids, 'back')] = true end
  end
  i = last + 1
end
wake(feeds, ARGV[2], ARGV[3])
if scheduled then redis.call('PUBLISH', ARGV[2], 'due ' .. ARGV[3] .. ' -') end
return table.concat(results)
