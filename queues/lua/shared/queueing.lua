-- uses: sharing.lua
-- Shared by the scripts that put an id into a queue (`-- uses: queueing.lua`).
--
-- A queue is named <account>:<api>:<upstream>:<priority>, its feed <account>:<api>.

local AT_ONCE = 1000 -- arguments that Lua can hand over in one call, with room to spare

-- Puts ids into their queue, in their order, at the back or (side 'front') where they are taken next, the last one first.
-- O(queues of the feed) for the first id of a queue, O(1) for the others.
local function enqueue_all(prefix, queue, ids, side)
  local feed, rest = string.match(queue, '^([^:]+:[^:]+):(.+)$')
  local work = prefix .. 'work:' .. feed
  for first = 1, #ids, AT_ONCE do
    local last = math.min(first + AT_ONCE - 1, #ids)
    redis.call(side == 'front' and 'RPUSH' or 'LPUSH', prefix .. 'q:' .. queue, unpack(ids, first, last))
  end
  if redis.call('HEXISTS', work, rest) == 0 then
    join_shares(work, rest)
    redis.call('SADD', prefix .. 'work', feed)
  end
  return feed
end

local function enqueue(prefix, queue, id, side)
  return enqueue_all(prefix, queue, { id }, side)
end

-- Takes what has ended meanwhile off the end that is taken next, `most` ids at once: it would count as queued, and as the oldest.
local function drop_ended(prefix, queue, most)
  local list = prefix .. 'q:' .. queue
  for _ = 1, most do
    local id = redis.call('LINDEX', list, -1)
    if not id or redis.pcall('HGET', prefix .. 'job:' .. id, 'state') == 'queued' then break end
    redis.call('RPOP', list)
  end
  if redis.call('EXISTS', list) == 1 then return end
  local feed, rest = string.match(queue, '^([^:]+:[^:]+):(.+)$')
  redis.call('HDEL', prefix .. 'work:' .. feed, rest)
  if redis.call('EXISTS', prefix .. 'work:' .. feed) == 0 then redis.call('SREM', prefix .. 'work', feed) end
end

-- Tells every pusher that feeds have work in this shard.
local function wake(feeds, channel, shard)
  for feed in pairs(feeds) do
    redis.call('PUBLISH', channel, 'push ' .. shard .. ' ' .. feed)
  end
end
