-- Shares what the platform calls a picture that was uploaded for an account, and lets one process at a time upload it.
--
-- KEYS[1] {tga:<account>}:media:<digest>; its value is the media id, or '' while somebody uploads
-- ARGV[1] ask: what is it? · publish: it is ARGV[2] · forget: it is ARGV[2] no longer   ARGV[3] life, ms: of the lease to upload
-- (ask), of the media id (publish)
-- Returns the media id, '' while another uploads, nil where the caller is to upload it now.
-- O(1).

local known = redis.call('GET', KEYS[1])
if ARGV[1] == 'publish' then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return ARGV[2]
end
if ARGV[1] == 'forget' then
  if known == ARGV[2] then redis.call('DEL', KEYS[1]) end
  return nil
end
if not known then redis.call('SET', KEYS[1], '', 'PX', ARGV[3]) end
return known
