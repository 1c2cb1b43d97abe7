-- Shared by the scripts that put an id into a queue (`-- uses: queueing.lua`).
--
-- A queue is named <account>:<api>:<upstream>:<priority>, its feed <account>:<api>. {tgN}:work:<feed> holds a virtual time
-- for each queue of the feed that is not empty; take.lua serves the smallest. A queue that was empty joins at the smallest time of those
-- that wait, so idleness earns no credit and a newcomer is served at once.

-- Puts an id into its queue, at the back or (side 'front') where it is taken next. O(queues of the feed) for the
-- first id of a queue, O(1) for the others.
local function enqueue(prefix, queue, id, side)
  local feed, rest = string.match(queue, '^([^:]+:[^:]+):(.+)$')
  redis.call(side == 'front' and 'RPUSH' or 'LPUSH', prefix .. 'q:' .. queue, id)
  local work = prefix .. 'work:' .. feed
  if redis.call('HEXISTS', work, rest) == 0 then
    local smallest = nil
    for _, time in ipairs(redis.call('HVALS', work)) do
      time = tonumber(time)
      if smallest == nil or time < smallest then smallest = time end
    end
    redis.call('HSET', work, rest, string.format('%.6f', smallest or 0))
    redis.call('SADD', prefix .. 'work', feed)
  end
  return feed
end

-- Tells every pusher that feeds have work in this shard.
local function wake(feeds, channel, shard)
  for feed in pairs(feeds) do
    redis.call('PUBLISH', channel, 'push ' .. shard .. ' ' .. feed)
  end
end
