-- uses: sampling.lua
-- Counts what waits: the queued pushes of every feed that has some, and those that are due later.
--
-- KEYS[1] {tgN}:work   KEYS[2] {tgN}:later
-- ARGV[1] prefix {tgN}:   ARGV[2] sample
-- Returns { { feed, queued, feed, queued, … }, what sampling.lua says of `later` }
-- O(queues that are not empty + sample).

local prefix, found = ARGV[1], {}
for _, feed in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local queued = 0
  for _, rest in ipairs(redis.call('HKEYS', prefix .. 'work:' .. feed)) do
    queued = queued + redis.call('LLEN', prefix .. 'q:' .. feed .. ':' .. rest)
  end
  found[#found + 1] = feed
  found[#found + 1] = queued
end
return { found, sample(prefix, KEYS[2], tonumber(ARGV[2])) }
