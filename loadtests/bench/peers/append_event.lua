-- Remember an event and append it, unless it is remembered already.
-- KEYS[1] set of identities, KEYS[2] stream. ARGV[1] identity, ARGV[2] body. Returns 1 if it was new. O(1).
if redis.call('SADD', KEYS[1], ARGV[1]) == 1 then
  redis.call('XADD', KEYS[2], '*', 'e', ARGV[2])
  return 1
end
return 0
