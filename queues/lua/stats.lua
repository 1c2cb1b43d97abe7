-- uses: sampling.lua
-- Counts what waits in one shard. Reads only.
--
-- KEYS[1] {tgN}:work   KEYS[2] {tgN}:claims   KEYS[3] {tgN}:later   KEYS[4] {tgN}:dead
-- ARGV[1] prefix {tgN}:   ARGV[2] sample
-- Returns { { queue, depth, id taken next, … for each queue that is not empty },
--           { lowest score, what sampling.lua says } for claims, for later, for dead }
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
  return { first[2] or '0', sample(prefix, key, most) }
end

return { queues(), set(KEYS[2]), set(KEYS[3]), set(KEYS[4]) }
