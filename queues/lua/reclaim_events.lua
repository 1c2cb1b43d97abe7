-- Takes over entries of a shard's events that another consumer of the group has left pending.
--
-- KEYS[1] {tgN}:events
-- ARGV[1] group   ARGV[2] consumer   ARGV[3] how many at most   ARGV[4] pending for at least so long, ms
-- Returns { { id, { field, value, … } }, … }; nothing before the group's first read.
-- O(pending entries).

local reply = redis.pcall('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[4], '0', 'COUNT', ARGV[3])
if reply.err and string.find(reply.err, 'NOGROUP', 1, true) then return {} end
if reply.err then return reply end
return reply[2]
