-- Counts one more batch of a process, behind the batch itself.
--
-- KEYS[1] {tgN}:tally:<process>
-- ARGV[1] life, seconds
-- Returns the count, this batch included.
-- O(1).

local count = redis.call('INCR', KEYS[1])
redis.call('EXPIRE', KEYS[1], ARGV[1])
return count
