-- Counts the queued pushes of every feed that has some.
--
-- KEYS[1] {tgN}:work
-- ARGV[1] prefix {tgN}:
-- Returns { feed, queued, feed, queued, … }
-- O(queues that are not empty).

local prefix, found = ARGV[1], {}
for _, feed in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local queued = 0
  for _, rest in ipairs(redis.call('HKEYS', prefix .. 'work:' .. feed)) do
    queued = queued + redis.call('LLEN', prefix .. 'q:' .. feed .. ':' .. rest)
  end
  found[#found + 1] = feed
  found[#found + 1] = queued
end
return found
