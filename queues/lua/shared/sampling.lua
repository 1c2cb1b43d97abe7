-- Shared by the scripts that tell whose the ids of one set are (`-- uses: sampling.lua`), which stands for all accounts: which queue each
-- belongs to is read from its job, for all of them up to `most`, beyond that for as many drawn at random. O(most).

-- { count, queue, how many of the sample, … }; the queue of what is gone, or none of ours, is ''.
local function sample(prefix, key, most)
  local result, counts = { redis.call('ZCARD', key) }, {}
  for _, id in ipairs(redis.call('ZRANDMEMBER', key, most)) do
    local queue = redis.pcall('HGET', prefix .. 'job:' .. id, 'queue')
    queue = type(queue) == 'string' and string.match(queue, '^[^:]+:[^:]+:[^:]+:[^:]+$') or ''
    counts[queue] = (counts[queue] or 0) + 1
  end
  for queue, count in pairs(counts) do
    result[#result + 1] = queue
    result[#result + 1] = count
  end
  return result
end
