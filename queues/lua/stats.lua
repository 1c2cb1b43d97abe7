-- Counts what waits in one shard. Reads only.
--
-- Ids that are claimed, due later or dead stand in one set for all accounts; which account (and priority) each belongs to
-- is read from its job, for all of them up to `sample`, beyond that for as many drawn at random.
--
-- KEYS[1] {tgN}:work   KEYS[2] {tgN}:claims   KEYS[3] {tgN}:later   KEYS[4] {tgN}:dead
-- ARGV[1] prefix {tgN}:   ARGV[2] sample
-- Returns { { queue, depth, id taken next, … for each queue that is not empty },
--           { count, lowest score, queue, how many of the sample, … } for claims, for later, for dead }
-- O(queues + sample).

local prefix, most = ARGV[1], tonumber(ARGV[2])

local function queues()
  local found = {}
  for _, feed in ipairs(redis.call('SMEMBERS', KEYS[1])) do
    for _, rest in ipairs(redis.call('HKEYS', prefix .. 'work:' .. feed)) do
      local name = feed .. ':' .. rest
      local list = prefix .. 'q:' .. name
      found[#found + 1] = name
      found[#found + 1] = redis.call('LLEN', list)
      found[#found + 1] = redis.call('LINDEX', list, -1) or ''
    end
  end
  return found
end

local function set(key)
  local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
  local result = { redis.call('ZCARD', key), first[2] or '0' }
  local counts = {}
  for _, id in ipairs(redis.call('ZRANDMEMBER', key, most)) do
    local queue = redis.pcall('HGET', prefix .. 'job:' .. id, 'queue') -- gone, or none of ours: it counts with the others
    queue = type(queue) == 'string' and string.match(queue, '^[^:]+:[^:]+:[^:]+:[^:]+$') or ''
    counts[queue] = (counts[queue] or 0) + 1
  end
  for queue, count in pairs(counts) do
    result[#result + 1] = queue
    result[#result + 1] = count
  end
  return result
end

return { queues(), set(KEYS[2]), set(KEYS[3]), set(KEYS[4]) }
