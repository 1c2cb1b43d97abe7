-- uses: sharing.lua
-- Shared by the scripts that put an id into a queue (`-- uses: queueing.lua`).
--
-- A queue is named <account>:<api>:<upstream>:<priority>, its feed <account>:<api>.

-- Puts an id into its queue, at the back or (side 'front') where it is taken next. O(queues of the feed) for the
-- first id of a queue, O(1) for the others.
local function enqueue(prefix, queue, id, side)
  local feed, rest = string.match(queue, '^([^:]+:[^:]+):(.+)$')
  redis.call(side == 'front' and 'RPUSH' or 'LPUSH', prefix .. 'q:' .. queue, id)
  local work = prefix .. 'work:' .. feed
  if redis.call('HEXISTS', work, rest) == 0 then
    join_shares(work, rest)
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
