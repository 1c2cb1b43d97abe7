-- Shared by the scripts that put an id into a queue (`-- uses: queueing.lua`).
--
-- A queue is named <account>:<upstream>:<priority>. {tgN}:work:<account> holds a virtual time for each queue of the
-- account that is not empty; take.lua serves the smallest. A queue that was empty joins at the smallest time of those
-- that wait, so idleness earns no credit and a newcomer is served at once.

-- Puts an id into its queue, at the back or (side 'front') where it is taken next. O(queues of the account) for the
-- first id of a queue, O(1) for the others.
local function enqueue(prefix, queue, id, side)
  local account, rest = string.match(queue, '^([^:]+):(.+)$')
  redis.call(side == 'front' and 'RPUSH' or 'LPUSH', prefix .. 'q:' .. queue, id)
  local work = prefix .. 'work:' .. account
  if redis.call('HEXISTS', work, rest) == 0 then
    local smallest = nil
    for _, time in ipairs(redis.call('HVALS', work)) do
      time = tonumber(time)
      if smallest == nil or time < smallest then smallest = time end
    end
    redis.call('HSET', work, rest, string.format('%.6f', smallest or 0))
    redis.call('SADD', prefix .. 'work', account)
  end
  return account
end

-- Tells every pusher that an account has work in this shard.
local function wake(accounts, channel, shard)
  for account in pairs(accounts) do
    redis.call('PUBLISH', channel, 'push ' .. shard .. ' ' .. account)
  end
end
