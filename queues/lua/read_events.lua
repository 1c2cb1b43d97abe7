-- Reads entries of a shard's events for a consumer of a group, which is made at the first call.
--
-- KEYS[1] {tgN}:events
-- ARGV[1] group   ARGV[2] consumer   ARGV[3] how many at most   ARGV[4] '>' for entries that nobody of the group has read, '0' for those
-- pending for this consumer
-- Returns { { id, { field, value, … } or nil if the entry was cut }, … }.
-- O(entries).

local function read()
  return redis.pcall('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', ARGV[3], 'STREAMS', KEYS[1], ARGV[4])
end

local reply = read()
if reply and reply.err and string.find(reply.err, 'NOGROUP', 1, true) then
  redis.call('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
  reply = read()
end
if reply and reply.err then return reply end
return reply and reply[1][2] or {}
