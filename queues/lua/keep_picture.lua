-- Keeps a picture for as long as the pushes need it that name it: a later one prolongs its life, none shortens it.
--
-- KEYS[1] {tgN}:picture:<digest>
-- ARGV[1] the picture   ARGV[2] life, ms
-- O(1).

local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
elseif left < tonumber(ARGV[2]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
