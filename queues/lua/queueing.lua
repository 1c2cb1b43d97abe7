-- uses: sharing.lua
-- Shared by the scripts that put an id into a queue (`-- uses: queueing.lua`).
--
-- A queue is named <account>:<api>:<upstream>:<priority>, its feed <account>:<api>.

local AT_ONCE = 1000 -- arguments that Lua can hand over in one call, with room to spare

-- Puts ids into their queue, in their order, at the back or (side 'front') where they are taken next, the last one first.
-- O(queues of the feed) for the first id of a queue, O(1) for the others.
local function enqueue_all(prefix, queue, ids, side)
  local feed, rest = string.match(queue, '^([^:]+:[^:]+):(.+)$')
  for first = 1, #ids, AT_ONCE do
    local last = math.min(first + AT_ONCE - 1, #ids)
    redis.call(side == 'front' and 'RPUSH' or 'LPUSH', prefix .. 'q:' .. queue, unpack(ids, first, last))
  end
  local work = prefix .. 'work:' .. feed
  if redis.call('HEXISTS', work, rest) == 0 then
    join_shares(work, rest)
    redis.call('SADD', prefix .. 'work', feed)
  end
  return feed
end

local function enqueue(prefix, queue, id, side)
  return enqueue_all(prefix, queue, { id }, side)
end

-- Tells every pusher that feeds have work in this shard.
local function wake(feeds, channel, shard)
  for feed in pairs(feeds) do
    redis.call('PUBLISH', channel, 'push ' .. shard .. ' ' .. feed)
  end
end
